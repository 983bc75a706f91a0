"""How much a text looks like the languages an encoding was made for: by the characters that all of them are full of."""

from collections import Counter

SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学"
    "如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将"
    "两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及"
    "比员解水名真论处走义各入几口认条平系气题活更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区"
    "保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确"
    "传师观清今切院让识候带导争运员请测试文件编码字符内容你好简体"
)
TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家種事成方多經麼去法學"
    "如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日軍者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將"
    "兩高間由問很最重並物手應戰向頭文體政美相見被利什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及"
    "比員解水名真論處走義各入幾口認條平系氣題活更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資命山金指克許統區"
    "保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品住告類求據程北邊死張該交規萬取拉格望覺術領共確"
    "傳師觀清今切院讓識候帶導爭運員請測試檔案編碼字元內容你好繁體"
)
KOREAN = (
    "이다는의에을를가은로고하지한서기도사나어자인리대있그들해시아으일스정전수것부보장구주제만원게상과니여"
    "면조라며성위안적공문선치요습을세계동말없오할때와글"
)
KANA = "".join(map(chr, range(0x3041, 0x3097))) + "".join(map(chr, range(0x30A1, 0x30FB))) + "ー"
PUNCTUATION = "，。、；：？！「」『』《》（）“”…　・"

LATIN_SIGNS = "’‘“”–—…«»°±×·²³µ½¼§©®™€£¿¡"
# Left out are letters that another encoding has in the same place: õ and û stand where Hungarian has its own.
WESTERN = "éèàùçêâîôëïœæäöüßñáíóúìòåøã"
CENTRAL = "ąćęłńśźżóčďěňřšťůžýáéíúäôöüőűľâîşţđ"
TURKISH = "çğıöşüâîû"
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
GREEK = "αάβγδεέζηήθιίκλμνξοόπρσςτυύφχψωώ"
HEBREW = "".join(map(chr, range(0x5D0, 0x5EB)))
ARABIC = "".join(map(chr, range(0x621, 0x64B)))
THAI = "".join(map(chr, range(0xE01, 0xE4F)))

HAN = frozenset(SIMPLIFIED + TRADITIONAL + PUNCTUATION)
FREQUENT = {
    "gb18030": HAN,
    "big5hkscs": HAN,
    "cp932": frozenset(KANA + PUNCTUATION),
    "euc_jp": frozenset(KANA + PUNCTUATION),
    "cp949": frozenset(KOREAN + PUNCTUATION),
    "cp1252": frozenset(WESTERN + WESTERN.upper() + LATIN_SIGNS),
    "cp1250": frozenset(CENTRAL + CENTRAL.upper() + LATIN_SIGNS),
    **dict.fromkeys(("cp1251", "koi8_r", "iso8859_5", "cp866", "cp855", "mac_cyrillic"), frozenset(CYRILLIC)),
    **dict.fromkeys(("cp1253", "iso8859_7"), frozenset(GREEK)),
    **dict.fromkeys(("cp1256", "iso8859_6"), frozenset(ARABIC)),
    "cp1255": frozenset(HEBREW),
    "cp874": frozenset(THAI),
    "iso8859_2": frozenset(CENTRAL + CENTRAL.upper()),
    "cp1254": frozenset(TURKISH + TURKISH.upper() + "İ" + LATIN_SIGNS),
}


def share_of_frequent(characters: Counter[str], encoding: str) -> float:
    """The share of `characters` that is frequent in the languages of `encoding`."""
    frequent = FREQUENT[encoding]
    return sum(count for character, count in characters.items() if character in frequent) / characters.total()


def foreign_characters(data: bytes, encoding: str) -> Counter[str]:
    """The non-ASCII characters of `data` read as `encoding`; none if it is not in it."""
    text = data.decode(encoding, errors="replace").rstrip("\ufffd")  # The sample may end inside a character.
    if text.count("\ufffd") * 100 > len(text):
        return Counter()
    return Counter(character for character in text if character > "\x7f")
