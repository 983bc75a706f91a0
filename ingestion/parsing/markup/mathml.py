r"""Formulas of web pages (MathML) as LaTeX: the LaTeX source if the page has it, else derived.

The presentation elements that pages use are covered; other elements keep only their text. No free
library is maintained.
"""

from typing import Any, Final

from ingestion.parsing.text.characters import one_line
from ingestion.parsing.text.latex import ACCENTS, BRACES, FUNCTIONS, SIGNS

TEX: Final = ("application/x-tex", "application/x-latex", "text/x-tex", "tex", "latex")
INVISIBLE: Final = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u2064\u200b\u00a0"))
SPACED_ACCENTS: Final = {
    "^": "hat", "ˆ": "hat", "~": "tilde", "˜": "tilde", "¯": "bar", "‾": "overline", "_": "underline", "→": "vec",
    "⃗": "vec", "˙": "dot", ".": "dot", "¨": "ddot", "ˇ": "check", "˘": "breve", **ACCENTS, **BRACES,
}  # fmt: skip
LIMITS: Final = ("sum", "prod", "int", "bigcup", "bigcap", "lim", "max", "min")
ROW_BREAK: Final = r" \\ "
UNSEEN: Final = ("annotation", "annotation-xml", "mphantom", "none", "mprescripts")


def mathml_latex(math: Any) -> str:
    """Return the formula of a parsed `math` element in one line, without dollar signs."""
    for note in math.iter():
        if _name(note) == "annotation" and (note.get("encoding") or "").lower() in TEX:
            return _unwrapped(one_line("".join(note.itertext())))
    return one_line("".join(map(_written, math)))


def _unwrapped(tex: str) -> str:
    r"""`tex` without the {\displaystyle …} that wikis put around it."""
    for style in (r"{\displaystyle ", r"{\textstyle "):
        if tex.startswith(style) and tex.endswith("}"):
            return tex[len(style) : -1].strip()
    return tex


def _name(node: Any) -> str:
    return (
        node.tag.rpartition(":")[2].rpartition("}")[2].lower() if isinstance(node.tag, str) else ""
    )


def _written(node: Any) -> str:
    name = _name(node)
    parts = [_written(child) for child in node if _name(child) not in UNSEEN]
    first, second, third = [*parts, "", "", ""][:3]
    match name:
        case "" | "annotation" | "annotation-xml" | "mphantom" | "mspace":
            return " " if name == "mspace" else ""
        case "mi" | "mn" | "mo" | "mtext" | "ms":
            return _token(name, one_line("".join(node.itertext())))
        case "semantics" | "maction":
            return first
        case "mfrac" if (node.get("linethickness") or "").strip("0 pxemt.") == "" and node.get(
            "linethickness"
        ):
            return rf"\binom{{{first}}}{{{second}}}"
        case "mfrac":
            return rf"\frac{{{first}}}{{{second}}}"
        case "msqrt":
            return rf"\sqrt{{{''.join(parts)}}}"
        case "mroot":
            return rf"\sqrt[{second}]{{{first}}}"
        case "msup" | "msub" | "msubsup":
            below = second if name != "msup" else ""
            return _with_scripts(first, below, second if name == "msup" else third)
        case "munder" | "mover" | "munderover":
            return _with_limits(name, first, second, third)
        case "mfenced":
            return _fenced(node, parts)
        case "mtable":
            return rf"\begin{{matrix}} {ROW_BREAK.join(parts)} \end{{matrix}}"
        case "mtr" | "mlabeledtr":
            return " & ".join(parts)
    return (node.text or "").strip() + "".join(parts)


def _token(name: str, text: str) -> str:
    if name in ("mtext", "ms"):
        return rf"\text{{{text}}}" if text else " "
    text = text.translate(INVISIBLE)
    if text in FUNCTIONS:
        return f"\\{text} "
    if len(text) > 1 and text.isalpha() and text.isascii() and name == "mi":
        return rf"\mathrm{{{text}}}"
    return text.translate(SIGNS)


def _with_scripts(base: str, below: str, above: str) -> str:
    base = base.rstrip()
    return (
        base
        + (f"_{{{below.strip()}}}" if below else "")
        + (f"^{{{above.strip()}}}" if above else "")
    )


def _with_limits(name: str, base: str, second: str, third: str) -> str:
    below, above = ("", second) if name == "mover" else (second, third)
    command = base.strip().removeprefix("\\").partition(" ")[0]
    sign = (above or below).strip()
    accent = SPACED_ACCENTS.get(sign) or ("vec" if sign == r"\to" else "")
    if accent and command not in LIMITS and not (above and below):
        return rf"\{accent}{{{base.strip()}}}"
    return _with_scripts(base, below, above) + " " * (command in LIMITS)


def _fenced(node: Any, parts: list[str]) -> str:
    separators = "".join((node.get("separators") or ",").split()) or ","
    text = parts[0] if parts else ""
    for number, part in enumerate(parts[1:]):
        text += f"{separators[min(number, len(separators) - 1)]} {part}"
    opening, closing = node.get("open", "("), node.get("close", ")")
    return f"{opening.translate(SIGNS)}{text}{closing.translate(SIGNS)}"
