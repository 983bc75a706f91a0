"""Characters of symbol fonts: Symbol, and the dingbats with which forms are ticked.

Office documents write them as letters in such a font, or as private-use characters from U+F020 on.
The table of Symbol is complete, after Adobe. Of the dingbats, only boxes, ticks, arrows and numbers
are known. Others are left out, since their letters would mislead.
"""

from typing import Final

PRIVATE_USE: Final = 0xF000
FIRST: Final = 0x20
SYMBOL: Final = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλµνοπθρστυϖωξψζ{|}∼"
    + "\x00" * 33
    + "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓"
    "◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\x00⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
)
WINGDINGS: Final = {
    0x20: " ", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x36: "⌛", 0x3F: "✍", 0x43: "👍", 0x44: "👎", 0x45: "☜", 0x46: "☞",
    0x47: "☝", 0x48: "☟", 0x4A: "☺", 0x4C: "☹", 0x52: "☼", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "☐", 0x70: "☐",
    0x71: "☐", 0x72: "☐", 0x75: "◆", 0x76: "❖", 0x77: "◆", 0x78: "☒", 0x9F: "•", 0xA1: "○", 0xA4: "◉", 0xA7: "▪",
    0xA8: "☐", 0xAB: "★", 0xB6: "☆", 0xD5: "⌫", 0xD6: "⌦", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓",
    0xE3: "↖", 0xE4: "↗", 0xE5: "↙", 0xE6: "↘", 0xE7: "←", 0xE8: "→", 0xE9: "↑", 0xEA: "↓", 0xEF: "⇦", 0xF0: "⇨",
    0xF1: "⇧", 0xF2: "⇩", 0xF3: "⇔", 0xF4: "⇕", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    **{0x80 + place: sign for place, sign in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")},
}  # fmt: skip
WINGDINGS_2: Final = {
    0x20: " ", 0x2A: "☐", 0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x55: "⊗", 0x56: "⊗",
    0x97: "●", 0x98: "●", 0xA1: "■", 0xA2: "■", 0xA3: "☐",
    **{0x69 + place: sign for place, sign in enumerate("⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿")},
}  # fmt: skip
WINGDINGS_3: Final = {
    0x20: " ", 0x66: "←", 0x67: "→", 0x68: "↑", 0x69: "↓", 0x6A: "↖", 0x6B: "↗", 0x6C: "↙", 0x6D: "↘", 0x6E: "↔",
    0x6F: "↕", 0x70: "▲", 0x71: "▼", 0x72: "△", 0x73: "▽", 0x74: "◀", 0x75: "▶", 0x7D: "▶",
}  # fmt: skip
WEBDINGS: Final = {
    0x20: " ", 0x33: "◀", 0x34: "▶", 0x35: "▲", 0x36: "▼", 0x37: "⏪", 0x38: "⏩", 0x3B: "⏸", 0x3C: "⏹", 0x61: "✓",
    0x63: "☐", 0x67: "■", 0x69: "ℹ", 0x6E: "●", 0x72: "✗", 0x73: "?", 0x7E: "⚡", 0xC8: "☎",
}  # fmt: skip
TABLES: Final = {
    "symbol": {FIRST + place: sign for place, sign in enumerate(SYMBOL) if sign != "\x00"},
    "wingdings": WINGDINGS,
    "wingdings 2": WINGDINGS_2,
    "wingdings 3": WINGDINGS_3,
    "webdings": WEBDINGS,
}


def in_symbols(text: str, font: str | None) -> str:
    """Return `text` as `font` shows it; private-use characters of unknown fonts are Symbol."""
    table = TABLES.get((font or "").strip().lower())
    if table is None:
        if text.isascii() or not any(map(_is_private, text)):
            return text
        symbol = TABLES["symbol"]
        return "".join(
            symbol.get(ord(each) & 0xFF, each) if _is_private(each) else each for each in text
        )
    return "".join(
        table.get(ord(letter) & 0xFF, "")
        if FIRST <= ord(letter) <= 0xFF or _is_private(letter)
        else letter
        for letter in text
    )


def _is_private(letter: str) -> bool:
    return PRIVATE_USE + FIRST <= ord(letter) <= PRIVATE_USE + 0xFF
