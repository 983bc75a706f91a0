"""Formulas of Office documents (OMML) in the notation that people type and models know: LaTeX, as far as it goes."""

from collections.abc import Callable
from typing import Any

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
SIGNS = str.maketrans(
    {
        "×": r"\times ",
        "÷": r"\div ",
        "±": r"\pm ",
        "·": r"\cdot ",
        "≤": r"\leq ",
        "≥": r"\geq ",
        "≠": r"\neq ",
        "≈": r"\approx ",
        "∞": r"\infty ",
        "∑": r"\sum ",
        "∏": r"\prod ",
        "∫": r"\int ",
        "→": r"\to ",
        "∈": r"\in ",
        "√": r"\surd ",
        "∂": r"\partial ",
        "∇": r"\nabla ",
        "π": r"\pi ",
        "α": r"\alpha ",
        "β": r"\beta ",
        "γ": r"\gamma ",
        "δ": r"\delta ",
        "ε": r"\varepsilon ",
        "θ": r"\theta ",
        "λ": r"\lambda ",
        "μ": r"\mu ",
        "ρ": r"\rho ",
        "σ": r"\sigma ",
        "τ": r"\tau ",
        "φ": r"\varphi ",
        "ω": r"\omega ",
        "Δ": r"\Delta ",
        "Σ": r"\Sigma ",
        "Ω": r"\Omega ",
    }
)
FUNCTIONS = {"sin", "cos", "tan", "log", "ln", "exp", "lim", "max", "min", "det", "arg"}
PROPERTIES = "Pr"


def latex(node: Any) -> str:
    """The formula below `node` in one line, without the dollars around it."""
    return "".join(_written(child) for child in node if isinstance(child.tag, str)).strip()


def _written(node: Any) -> str:
    name = node.tag.rpartition("}")[2]
    if node.tag == f"{M}r":
        return "".join(text.text or "" for text in node.iter(f"{M}t")).translate(SIGNS)
    if name.endswith(PROPERTIES):
        return ""
    write = WRITERS.get(name) if node.tag.startswith(M) else None
    return write(node) if write else latex(node)


def _part(node: Any, name: str) -> str:
    found = node.find(f"{M}{name}")
    return "" if found is None else latex(found)


def _property(node: Any, path: str, default: str) -> str:
    found = node.find("/".join(f"{M}{name}" for name in path.split("/")))
    return default if found is None else found.get(f"{M}val") or ""


def _fraction(node: Any) -> str:
    if _property(node, "fPr/type", "") == "noBar":
        return rf"\binom{{{_part(node, 'num')}}}{{{_part(node, 'den')}}}"
    return rf"\frac{{{_part(node, 'num')}}}{{{_part(node, 'den')}}}"


def _scripts(node: Any) -> str:
    below, above = _part(node, "sub"), _part(node, "sup")
    return _part(node, "e") + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def _root(node: Any) -> str:
    degree = _part(node, "deg")
    return r"\sqrt" + (f"[{degree}]" if degree else "") + f"{{{_part(node, 'e')}}}"


def _sum(node: Any) -> str:
    sign = _property(node, "naryPr/chr", "∫").translate(SIGNS).strip()
    below, above = _part(node, "sub"), _part(node, "sup")
    return sign + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "") + f" {_part(node, 'e')}"


def _brackets(node: Any) -> str:
    opening, closing = _property(node, "dPr/begChr", "("), _property(node, "dPr/endChr", ")")
    separator = _property(node, "dPr/sepChr", "|")
    return opening + separator.join(latex(inner) for inner in node.findall(f"{M}e")) + closing


def _function(node: Any) -> str:
    name = _part(node, "fName")
    return f"{_named(name)} {_part(node, 'e')}"


def _limit(node: Any) -> str:
    sign = "_" if node.tag == f"{M}limLow" else "^"
    return f"{_named(_part(node, 'e'))}{sign}{{{_part(node, 'lim')}}}"


def _named(name: str) -> str:
    return "\\" + name if name in FUNCTIONS else name


def _matrix(node: Any) -> str:
    rows = [" & ".join(latex(cell) for cell in row.findall(f"{M}e")) for row in node.findall(f"{M}mr")]
    return r"\begin{matrix} " + r" \\ ".join(rows) + r" \end{matrix}"


def _lines(node: Any) -> str:
    return r" \\ ".join(latex(line) for line in node.findall(f"{M}e"))


WRITERS: dict[str, Callable[[Any], str]] = {
    "f": _fraction,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "rad": _root,
    "nary": _sum,
    "d": _brackets,
    "func": _function,
    "limLow": _limit,
    "limUpp": _limit,
    "m": _matrix,
    "eqArr": _lines,
}
