import itertools

import pytest

from chat.citations import CitationScanner, Mark, without_marks


def scanned(*pieces: str, known=(1, 2, 3, 4, 5)) -> str:
    """Everything the scanner gives out, marks written as {1,2}."""
    scanner = CitationScanner(known)
    found = [*itertools.chain.from_iterable(scanner.feed(piece) for piece in pieces), *scanner.finish()]
    return "".join(
        f"{part.space}{{{','.join(map(str, part.numbers))}}}" if isinstance(part, Mark) else part for part in found
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Lift grows [1].", "Lift grows {1}."),
        ("Lift grows[1][2].", "Lift grows{1}{2}."),
        ("Lift [1, 2] and [2,1].", "Lift {1,2} and {2,1}."),
        ("Lift [1-3].", "Lift {1,2,3}."),
        ("升力增加【1】。阻力【2，3】。", "升力增加{1}。阻力{2,3}。"),
        ("升力[1、2]。", "升力{1,2}。"),
        ("Lift [^1] [ 2 ].", "Lift {1} {2}."),
        ("Lift [Source 1] 【2†report.pdf】[来源3]", "Lift {1} {2}{3}"),
        ("Lift [9] and drag [1, 9].", "Lift and drag {1}."),
        ("It ends [9].", "It ends."),
        ("In [2024] and [0] it was [so] and [ ] or [x].", "In [2024] and [0] it was [so] and [ ] or [x]."),
        (r"\[1\] is no citation", r"\[1\] is no citation"),
        ("`a[1]` and [1]", "`a[1]` and {1}"),
        ("``a`[1]`` and [1]", "``a`[1]`` and {1}"),
        ("a lone ` sign\n\nthen [1]", "a lone ` sign\n\nthen {1}"),
        ("```python\nx = a[1]\n```\nas said [1]", "```python\nx = a[1]\n```\nas said {1}"),
        ("~~~\na[1]\n```\na[2]\n~~~\n[1]", "~~~\na[1]\n```\na[2]\n~~~\n{1}"),
        ("```\na[1]", "```\na[1]"),
        ("open [1", "open [1"),
        ("[1", "[1"),
        ("[1]", "{1}"),
        ("trailing  ", "trailing  "),
        ("", ""),
    ],
)
def test_marks_are_found_and_nothing_else(written, meant):
    assert scanned(written) == meant
    assert scanned(*written) == meant


def test_however_the_stream_is_cut_the_result_is_the_same():
    text = "Lift grows [1, 2], see `a[1]` 【3】\n```c\nb[2] = `x`;\n```\nand drag [7] falls [Source 2]. Done [1-2]"
    whole = scanned(text)

    for first, second in itertools.combinations(range(len(text)), 2):
        assert scanned(text[:first], text[first:second], text[second:]) == whole


def test_plain_text_is_given_out_at_once():
    scanner = CitationScanner({1})

    assert list(scanner.feed("Lift grows")) == ["Lift grows"]
    assert list(scanner.feed(" with speed, ")) == [" with speed,"]
    assert list(scanner.feed("[note that this")) == [" [note that this"]


def test_without_passages_no_number_stands():
    assert scanned("Lift grows [1]. Drag [2].", known=()) == "Lift grows. Drag."


def test_a_long_run_of_blanks_costs_nothing():
    assert scanned(" " * 200_000 + "x") == " " * 200_000 + "x"


def test_marks_are_taken_out_of_history():
    assert without_marks("Lift grows [1, 2]. Drag【3】 falls.") == "Lift grows. Drag falls."
