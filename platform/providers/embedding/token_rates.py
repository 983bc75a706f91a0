"""Measures the token rates of a served embedding model: tokens per character, by kind of character.

The server counts the tokens of a few samples once, and the rates are stored with the model.
Chunking then needs no request for each text, and works while the server is down.
"""

from collections.abc import Callable, Iterator
from typing import Final

from language.tokens import TokenRates

Counting = Callable[[str], object]
"""Returns a server's unvalidated count of the tokens of a text."""

# Common and token-rich text of each kind; the rate is the highest of the samples.
_LETTER_SAMPLES: Final = (
    "Whoever wants to borrow a book from the reading room asks at the desk, where somebody writes down the name of the "
    "reader and the day on which it has to be back. Maps and newspapers stay in the house. In the summer the room "
    "opens an hour earlier than in the winter, and on the last Friday of each month it closes at noon",
    "Immunohistochemical staining of paraffin embedded hepatocytes revealed upregulated phosphorylation downstream of "
    "the tyrosine kinase receptor Subcontractors indemnify the licensor notwithstanding any waiver AbstractHandler "
    "getDocumentLength Konrad Zuse Hradec Ljubljana Nguyen Okonkwo",
)
_DIGIT_SAMPLES: Final = (
    "1984 2023 31415926 75 600 12 89370 4417 2 555019 8080 16777216 93 7041 250 38 1066 49215 007 60321",
)
_SIGN_SAMPLES: Final = (
    "| a | b (c) | d/e | [f](g#h) |\n|---|:--|---|\n| i-j | $k | l% | m_n |\n{'o': [p, q], \"r\": s.t} != u->v && "
    'w[x]++; <y> + z * (a ^ b) = c; d@e.f; https://g.h/i?j=k&l=m#n **o** `p` ~q~ -- r\'s "t"; u: v, w',
)
_ACCENTED_SAMPLES: Final = (
    "Читальный зал открыт каждый день кроме понедельника; книги выдают на две недели, а карты и газеты читают на месте",
    "Το αναγνωστήριο ανοίγει στις οκτώ και οι εφημερίδες διαβάζονται μόνο εδώ",
    "تفتح قاعة المطالعة أبوابها كل يوم وتعار الكتب لمدة أسبوعين",
)
_HAN_SAMPLES: Final = (
    "阅览室每天上午八点开门，借书要先到服务台登记姓名和归还日期。地图和报纸只能在馆内阅读，不得外借；读者如需复印，请按规定办理手续。",
    "閱覽室每日上午八時開放，借閱圖書須先至櫃檯登記姓名與歸還日期。輿圖、報紙與絕版典籍僅供館內參閱，讀者擬複製者，應依規定辦理。",
    "閲覧室は毎日午前八時に開き、本を借りる人は受付で名前と返却日を書きます。地図や新聞は館内でのみ読むことができます。",
)
_OTHER_SAMPLES: Final = (
    "열람실은 매일 오전 여덟 시에 문을 열고 책은 두 주 동안 빌려 줍니다",
    "ห้องอ่านหนังสือเปิดทุกวันและให้ยืมหนังสือได้สองสัปดาห์",
    "वाचनालय प्रतिदिन खुलता है और पुस्तकें दो सप्ताह के लिए मिलती हैं",
)
_RATE_MARGIN: Final = 1.1  # Other texts may have more tokens than the samples.
# Outside of these limits, a server does not count tokens: some count letters, or return a constant.
_MIN_TOKENS_PER_LETTER: Final = 0.1
_MAX_TOKENS_PER_LETTER: Final = 0.6
_BYTES_PER_CHARACTER: Final = TokenRates(letter=1, digit=1, sign=1, accented=2, han=3, other=4)
_ZERO_RATES: Final = TokenRates(letter=0, digit=0, sign=0, accented=0, han=0, other=0)


class _InvalidTokenCount(Exception):
    """The server returned no count, or a count that is not of tokens."""


def measured(counting: Counting) -> TokenRates | None:
    """Return the rates of a model, rather too high than too low; None without a valid count."""
    try:
        return TokenRates.read(dict(_rates(counting)))
    except _InvalidTokenCount:
        return None


def _rates(counting: Counting) -> Iterator[tuple[str, float]]:
    """Yield the rate of each kind, without the share of a sample's letters and white space."""
    letter = max(_rate(counting, sample, "letter", 0.0) for sample in _LETTER_SAMPLES)
    if not _MIN_TOKENS_PER_LETTER <= letter <= _MAX_TOKENS_PER_LETTER:
        raise _InvalidTokenCount
    yield "letter", letter * _RATE_MARGIN
    kinds = {
        "digit": _DIGIT_SAMPLES,
        "sign": _SIGN_SAMPLES,
        "accented": _ACCENTED_SAMPLES,
        "han": _HAN_SAMPLES,
        "other": _OTHER_SAMPLES,
    }
    for kind, samples in kinds.items():
        rate = max(_rate(counting, sample, kind, letter) for sample in samples)
        yield kind, min(rate * _RATE_MARGIN, getattr(_BYTES_PER_CHARACTER, kind))


def _rate(counting: Counting, sample: str, kind: str, letter: float) -> float:
    tokens = counting(sample)
    if not isinstance(tokens, int) or tokens < 1:
        raise _InvalidTokenCount
    of_kind = TokenRates.read({**_ZERO_RATES.as_row, kind: 1}).count(sample)
    letters = TokenRates.read({**_ZERO_RATES.as_row, "letter": 1}).count(sample)
    return tokens / letters if kind == "letter" else max(0.0, tokens - letters * letter) / of_kind
