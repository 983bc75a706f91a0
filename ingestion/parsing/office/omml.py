"""Formulas of Office documents (OMML) in the notation that people type and models know: LaTeX, as far as it goes."""

from collections.abc import Callable
from typing import Any

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
NAMED_SIGNS = """
× times ÷ div ± pm ∓ mp · cdot ⋅ cdot ∗ ast ∘ circ ⊕ oplus ⊗ otimes √ surd ∂ partial ∇ nabla ℏ hbar ∞ infty
≤ leq ≥ geq ≠ neq ≈ approx ≡ equiv ∼ sim ≅ cong ∝ propto ≪ ll ≫ gg ⊥ perp ∥ parallel ∠ angle ‖ Vert
⟨ langle ⟩ rangle ⌈ lceil ⌉ rceil ⌊ lfloor ⌋ rfloor
∈ in ∉ notin ∋ ni ⊂ subset ⊆ subseteq ⊃ supset ⊇ supseteq ∪ cup ∩ cap ∅ emptyset ∀ forall ∃ exists ¬ neg ∧ wedge ∨ vee
→ to ← leftarrow ↔ leftrightarrow ⇒ Rightarrow ⇐ Leftarrow ⇔ Leftrightarrow ↦ mapsto ⋯ cdots ⋮ vdots ⋱ ddots
∑ sum ∏ prod ∐ coprod ∫ int ∬ iint ∭ iiint ∮ oint ∯ oiint ∰ oiiint
⋃ bigcup ⋂ bigcap ⋀ bigwedge ⋁ bigvee ⨁ bigoplus ⨂ bigotimes
α alpha β beta γ gamma δ delta ε varepsilon ϵ epsilon ζ zeta η eta θ theta ϑ vartheta ι iota κ kappa λ lambda μ mu ν nu
ξ xi π pi ρ rho σ sigma ς varsigma τ tau υ upsilon φ varphi ϕ phi χ chi ψ psi ω omega
Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Υ Upsilon Φ Phi Ψ Psi Ω Omega
""".split()  # noqa: SIM905 - as pairs
SIGNS = str.maketrans(
    {sign: f"\\{name} " for sign, name in zip(NAMED_SIGNS[::2], NAMED_SIGNS[1::2], strict=True)}
    | {"{": r"\{", "}": r"\}", "−": "-"}
)
ACCENTS = {
    "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0306": "breve", "\u0307": "dot",
    "\u0308": "ddot", "\u030c": "check", "\u20d7": "vec",
}  # fmt: skip
BRACES = {"\u23df": "underbrace", "\u23de": "overbrace"}
FUNCTIONS = {"sin", "cos", "tan", "log", "ln", "exp", "lim", "max", "min", "det", "arg"}
TALL = (r"\frac", r"\binom", r"\sum", r"\prod", r"\begin")  # Brackets around these grow with them.
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
    base, below, above = _part(node, "e"), _part(node, "sub"), _part(node, "sup")
    if base.startswith(r"\frac"):
        base = f"{{{base}}}"
    return base + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


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
    inside = separator.join(latex(inner) for inner in node.findall(f"{M}e"))
    opening, closing = opening.translate(SIGNS), closing.translate(SIGNS)
    if any(tall in inside for tall in TALL):
        return rf"\left{opening or '.'}{inside}\right{closing or '.'}"
    return opening + inside + closing


def _function(node: Any) -> str:
    name = _part(node, "fName")
    return f"{_named(name)} {_part(node, 'e')}"


def _limit(node: Any) -> str:
    sign = "_" if node.tag == f"{M}limLow" else "^"
    return f"{_named(_part(node, 'e'))}{sign}{{{_part(node, 'lim')}}}"


def _named(name: str) -> str:
    if name in FUNCTIONS:
        return "\\" + name
    return rf"\operatorname{{{name}}}" if len(name) > 1 and name.isalpha() else name


def _matrix(node: Any) -> str:
    rows = [" & ".join(latex(cell) for cell in row.findall(f"{M}e")) for row in node.findall(f"{M}mr")]
    return r"\begin{matrix} " + r" \\ ".join(rows) + r" \end{matrix}"


def _lines(node: Any) -> str:
    return r" \\ ".join(latex(line) for line in node.findall(f"{M}e"))


def _accented(node: Any) -> str:
    name = ACCENTS.get(_property(node, "accPr/chr", "\u0302"))
    return f"\\{name}{{{_part(node, 'e')}}}" if name else _part(node, "e")


def _barred(node: Any) -> str:
    name = "overline" if _property(node, "barPr/pos", "bot") == "top" else "underline"
    return f"\\{name}{{{_part(node, 'e')}}}"


def _braced(node: Any) -> str:
    name = BRACES.get(_property(node, "groupChrPr/chr", "\u23df"))
    return f"\\{name}{{{_part(node, 'e')}}}" if name else _part(node, "e")


def _scripts_before(node: Any) -> str:
    below, above = _part(node, "sub"), _part(node, "sup")
    return "{}" + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "") + _part(node, "e")


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
    "acc": _accented,
    "bar": _barred,
    "groupChr": _braced,
    "sPre": _scripts_before,
}
