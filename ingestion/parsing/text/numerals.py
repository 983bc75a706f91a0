"""Whole numbers in the numerals of many scripts: "iv", "四", "⑷", "twenty-first", "壹仟".

The kinds are named as in ECMA-376, 17.18.59 (ST_NumberFormat); the other Office and OpenDocument
formats map theirs to these. Frames around a number ("4.", "(4)") belong to the readers.
"""

from typing import Final, NamedTuple

ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
AIUEO: Final = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン"
IROHA: Final = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
# Letters that are repeated after the end of the alphabet: z, aa, bb.
ALPHABETS: Final = {
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ",
    "ganada": "가나다라마바사아자차카타파하",
    "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "aiueo": "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ",
    "aiueoFullWidth": AIUEO,
    "iroha": "ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳヰﾉｵｸﾔﾏｹﾌｺｴﾃｱｻｷﾕﾒﾐｼヱﾋﾓｾｽﾝ",
    "irohaFullWidth": IROHA,
    "chicago": "*†‡§",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضغظ",
    "thaiLetters": "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
}
# Figures from zero to nine, one for each decimal digit.
DIGITS: Final = {
    "decimalFullWidth": "０１２３４５６７８９",
    "decimalFullWidth2": "０１２３４５６７８９",
    "ideographDigital": "〇一二三四五六七八九",
    "japaneseDigitalTenThousand": "〇一二三四五六七八九",
    "taiwaneseDigital": "○一二三四五六七八九",
    "koreanDigital": "영일이삼사오육칠팔구",
    "koreanDigital2": "零一二三四五六七八九",
    "hindiNumbers": "०१२३४५६७८९",
    "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙",
}
# Consecutive signs in Unicode, from one: the first sign and the number of signs.
ENCLOSED: Final = {
    "decimalEnclosedCircle": ("①", 20),
    "decimalEnclosedCircleChinese": ("①", 20),
    "decimalEnclosedParen": ("⑴", 20),
    "decimalEnclosedFullstop": ("⒈", 20),
    "ideographEnclosedCircle": ("㊀", 10),
}
STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"


class Counting(NamedTuple):
    """Numbers in East Asian words: `digits` from 0, `units` from ten, `myriads` 10⁴ and 10⁸.

    `keeps_one` writes ten as "一十", as in ledgers; after other figures this is usual, unless
    `drops_ones`.
    """

    digits: str
    units: str = "十百千"
    myriads: str = "万亿"
    keeps_one: bool = False
    drops_ones: bool = False
    has_zeros: bool = True


CHINESE: Final = Counting("零一二三四五六七八九")
COUNTINGS: Final = {
    "chineseCountingThousand": CHINESE,
    "taiwaneseCountingThousand": CHINESE._replace(myriads="萬億"),
    "japaneseCounting": Counting(
        "〇一二三四五六七八九", myriads="万億", drops_ones=True, has_zeros=False
    ),
    "koreanCounting": Counting(
        "영일이삼사오육칠팔구", "십백천", "만억", drops_ones=True, has_zeros=False
    ),
    "chineseLegalSimplified": Counting("零壹贰叁肆伍陆柒捌玖", "拾佰仟", "万亿", keeps_one=True),
    "ideographLegalTraditional": Counting("零壹貳參肆伍陸柒捌玖", "拾佰仟", "萬億", keeps_one=True),
    "japaneseLegal": Counting(
        "零壱弐参四伍六七八九", "拾百阡", "萬億", keeps_one=True, has_zeros=False
    ),
}
KOREAN_TENS: Final = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
KOREAN_ONES: Final = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
HEBREW: Final = ((400, "ת"), (300, "ש"), (200, "ר"), (100, "ק"), (90, "צ"), (80, "פ"), (70, "ע"), (60, "ס"), (50, "נ"),
    (40, "מ"), (30, "ל"), (20, "כ"), (16, "טז"), (15, "טו"), (10, "י"), (9, "ט"), (8, "ח"), (7, "ז"), (6, "ו"),
    (5, "ה"), (4, "ד"), (3, "ג"), (2, "ב"), (1, "א"))  # fmt: skip
ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip


def written(number: int, kind: str) -> str:
    """Return `number` in the numerals of `kind`; in plain digits beyond their range."""
    if kind in DIGITS:
        return "".join(DIGITS[kind][int(digit)] for digit in str(number))
    if number < 1:
        return {"decimalZero": "00", "ordinal": "0th"}.get(kind, str(number))
    if kind in ALPHABETS:
        rounds, place = divmod(number - 1, len(ALPHABETS[kind]))
        return ALPHABETS[kind][place] * (rounds + 1)
    if kind in COUNTINGS:
        return counted(number, COUNTINGS[kind])
    if kind in ENCLOSED:
        first, size = ENCLOSED[kind]
        return chr(ord(first) + number - 1) if number <= size else str(number)
    return _written_otherwise(number, kind)


def _written_otherwise(number: int, kind: str) -> str:
    match kind:
        case "upperRoman":
            return _added(number, ROMAN)
        case "lowerRoman":
            return _added(number, ROMAN).lower()
        case "decimalZero":
            return f"{number:02}"
        case "numberInDash":
            return f"- {number} -"
        case "hex":
            return f"{number:X}"
        case "ordinal":
            return f"{number}{_ordinal_ending(number)}"
        case "cardinalText" | "ordinalText":
            words = in_words(number) if kind == "cardinalText" else _ordinal_words(number)
            return words[:1].upper() + words[1:]
        case "chineseCounting" | "taiwaneseCounting" if number < 100:
            return counted(number, CHINESE)
        case "chineseCounting" | "taiwaneseCounting":
            return written(
                number, "ideographDigital" if kind == "chineseCounting" else "taiwaneseDigital"
            )
        case "ideographTraditional" if number <= len(STEMS):
            return STEMS[number - 1]
        case "ideographZodiac" if number <= len(BRANCHES):
            return BRANCHES[number - 1]
        case "ideographZodiacTraditional" if number <= 60:
            return STEMS[(number - 1) % 10] + BRANCHES[(number - 1) % 12]
        case "koreanLegal" if number < 100:
            return KOREAN_TENS[number // 10] + KOREAN_ONES[number % 10]
        case "hebrew1" if number < 1000:
            return _added(number, HEBREW)
    return str(number)


def counted(number: int, words: Counting) -> str:
    """Return a positive `number` in the words of East Asia: 一千零四, 十二万."""
    if number >= 10**8:
        return _parted(number, 10**8, words.myriads[1], words)
    if number >= 10**4:
        return _parted(number, 10**4, words.myriads[0], words)
    text, skipped = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if not digit:
            skipped = bool(text)
            continue
        zero = words.digits[0] if skipped and words.has_zeros else ""
        bare = (
            place
            and digit == 1
            and (words.drops_ones or (place == 1 and not text and not words.keeps_one))
        )
        text += (
            zero + ("" if bare else words.digits[digit]) + (words.units[place - 1] if place else "")
        )
        skipped = False
    return text


def _parted(number: int, size: int, name: str, words: Counting) -> str:
    above, below = divmod(number, size)
    zero = words.digits[0] if 0 < below < size // 10 and words.has_zeros else ""
    # After other figures, ten is always "一十": 一万零一十.
    rest = counted(below, words._replace(keeps_one=True)) if below else ""
    return counted(above, words) + name + zero + rest


def _added(number: int, figures: tuple[tuple[int, str], ...]) -> str:
    text = ""
    for value, letters in figures:
        times, number = divmod(number, value)
        text += letters * times
    return text


def _ordinal_ending(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def in_words(number: int) -> str:
    """Return a number from 0 to 999,999 in English words."""
    if number < 20:
        return ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return f"{TENS[tens]}-{ONES[ones]}" if ones else TENS[tens]
    size, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    above, below = divmod(number, size)
    return f"{in_words(above)} {name}{f' {in_words(below)}' if below else ''}"


def _ordinal_words(number: int) -> str:
    words = in_words(number)
    at = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[at:]
    ordinal = ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return words[:at] + ordinal
