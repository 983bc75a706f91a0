"""Which encoding of Chinese, Japanese or Korean some bytes are in, if any.

Two signs: how many characters are among the few hundred that every text is full of, and how many come from the part of
the encoding where its common characters stand. The second tells a list of names from a text in another script.
"""

from collections import Counter

from ingestion.parsing.frequent import foreign_characters, share_of_frequent

# First bytes of the common characters. In order of preference: the first wins a tie, as two bytes of Chinese may give.
COMMON: dict[str, frozenset[int]] = {
    "gb18030": frozenset((0xA1, 0xA3, *range(0xB0, 0xD8))),
    "big5hkscs": frozenset((0xA1, 0xA2, *range(0xA4, 0xC7))),
    "cp932": frozenset((*range(0x81, 0x84), *range(0x88, 0x98))),
    "euc_jp": frozenset((0xA1, 0xA3, 0xA4, 0xA5, *range(0xB0, 0xD0))),
    "cp949": frozenset((0xA1, 0xA3, *range(0xB0, 0xC9))),
}
HALF_WIDTH = frozenset(map(chr, range(0xFF61, 0xFFA0)))
CONVINCING = 0.27
POSSIBLE = 0.1
ALMOST_ALL = 0.9


def east_asian(sample: bytes, *, at_least: float = CONVINCING) -> str:
    """The encoding of `sample`, or "" if it does not look enough like one of these languages."""
    scores = {encoding: _score(sample, encoding) for encoding in COMMON}
    best = max(scores, key=lambda encoding: scores[encoding])
    return best if scores[best] >= at_least else ""


def _score(sample: bytes, encoding: str) -> float:
    characters = foreign_characters(sample, encoding)
    if not characters:
        return 0.0
    unlikely = sum(count for character, count in characters.items() if _is_unlikely(character)) / characters.total()
    common = _share_of_common(characters, encoding)
    return share_of_frequent(characters, encoding) - unlikely + (0.3 * common if common >= ALMOST_ALL else 0.0)


def _is_unlikely(character: str) -> bool:
    return character in HALF_WIDTH or "\ue000" <= character <= "\uf8ff"


def _share_of_common(characters: Counter[str], encoding: str) -> float:
    common = COMMON[encoding]
    found = sum(
        count for character, count in characters.items() if character.encode(encoding, errors="replace")[0] in common
    )
    return found / characters.total()
