"""Formulas of Office documents (OMML) as LaTeX, the notation that people type and models know."""

from typing import Any

from ingestion.parsing.text.latex import ACCENTS, BRACES, FUNCTIONS, SIGNS

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
TALL = (r"\frac", r"\binom", r"\sum", r"\prod", r"\begin")  # Brackets around these grow with them.
PROPERTIES = "Pr"


def latex(node: Any) -> str:
    """The formula below `node` in one line, without dollar signs."""
    return "".join(_written(child) for child in node if isinstance(child.tag, str)).strip()


def _written(node: Any) -> str:
    name = node.tag.rpartition("}")[2]
    if name.endswith(PROPERTIES):
        return ""
    match name if node.tag.startswith(M) else "":
        case "r":
            return "".join(text.text or "" for text in node.iter(f"{M}t")).translate(SIGNS)
        case "f":
            command = "binom" if _property(node, "fPr/type", "") == "noBar" else "frac"
            return rf"\{command}{{{_part(node, 'num')}}}{{{_part(node, 'den')}}}"
        case "sSup" | "sSub" | "sSubSup":
            base = _part(node, "e")
            return (f"{{{base}}}" if base.startswith(r"\frac") else base) + _scripts(node)
        case "sPre":
            return "{}" + _scripts(node) + _part(node, "e")
        case "nary":
            return (
                _property(node, "naryPr/chr", "∫").translate(SIGNS).strip()
                + _scripts(node)
                + f" {_part(node, 'e')}"
            )
        case "rad":
            degree = _part(node, "deg")
            return r"\sqrt" + (f"[{degree}]" if degree else "") + f"{{{_part(node, 'e')}}}"
        case "d":
            return _brackets(node)
        case "func":
            return f"{_named(_part(node, 'fName'))} {_part(node, 'e')}"
        case "limLow" | "limUpp":
            return f"{_named(_part(node, 'e'))}{'_' if name == 'limLow' else '^'}{{{_part(node, 'lim')}}}"
        case "m":
            rows = [
                " & ".join(latex(cell) for cell in row.findall(f"{M}e"))
                for row in node.findall(f"{M}mr")
            ]
            return r"\begin{matrix} " + r" \\ ".join(rows) + r" \end{matrix}"
        case "eqArr":
            return r" \\ ".join(latex(line) for line in node.findall(f"{M}e"))
        case "acc" | "bar" | "groupChr":
            command = _command_over(node, name)
            return f"\\{command}{{{_part(node, 'e')}}}" if command else _part(node, "e")
    return latex(node)


def _command_over(node: Any, name: str) -> str:
    """The command for an accent, a bar or a brace over or under a part; "" for an unknown one."""
    if name == "bar":
        return "overline" if _property(node, "barPr/pos", "bot") == "top" else "underline"
    if name == "acc":
        return ACCENTS.get(_property(node, "accPr/chr", "\u0302"), "")
    return BRACES.get(_property(node, "groupChrPr/chr", "\u23df"), "")


def _scripts(node: Any) -> str:
    below, above = _part(node, "sub"), _part(node, "sup")
    return (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def _part(node: Any, name: str) -> str:
    found = node.find(f"{M}{name}")
    return "" if found is None else latex(found)


def _property(node: Any, path: str, default: str) -> str:
    found = node.find("/".join(f"{M}{name}" for name in path.split("/")))
    return default if found is None else found.get(f"{M}val") or ""


def _brackets(node: Any) -> str:
    opening, closing = _property(node, "dPr/begChr", "("), _property(node, "dPr/endChr", ")")
    separator = _property(node, "dPr/sepChr", "|")
    inside = separator.join(latex(inner) for inner in node.findall(f"{M}e"))
    opening, closing = opening.translate(SIGNS), closing.translate(SIGNS)
    if any(tall in inside for tall in TALL):
        return rf"\left{opening or '.'}{inside}\right{closing or '.'}"
    return opening + inside + closing


def _named(name: str) -> str:
    if name in FUNCTIONS:
        return "\\" + name
    return rf"\operatorname{{{name}}}" if len(name) > 1 and name.isalpha() else name
