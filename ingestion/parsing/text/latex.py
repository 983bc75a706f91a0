"""LaTeX names of signs, accents, braces and functions, for formulas in Office and web pages."""

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
