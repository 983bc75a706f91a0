"""Citation marks in streamed text."""

import itertools
import time

import pytest

from chat.citing.scanner import CitationMark, CitationScanner, without_marks


def scanned(*pieces: str, known=(1, 2, 3, 4, 5)) -> str:
    """Return the output of the scanner, with marks written as {1,2}."""
    scanner = CitationScanner(known)
    found = [
        *itertools.chain.from_iterable(scanner.feed(piece) for piece in pieces),
        *scanner.finish(),
    ]
    return "".join(
        f"{part.space}{{{','.join(map(str, part.numbers))}}}"
        if isinstance(part, CitationMark)
        else part
        for part in found
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
        ("Lift [[1]] and [[2, 3]].", "Lift {1} and {2,3}."),
        ("Lift [[1], [2]].", "Lift [{1}, {2}]."),
        ("See [as in [1]].", "See [as in {1}]."),
        ("升力［１］，阻力［２，３］。", "升力{1}，阻力{2,3}。"),
        ("Lift [citation:1] and [citation: 2][citation:3].", "Lift {1} and {2}{3}."),
        ("Lift [1†] and 【2†L3-L5】.", "Lift {1} and {2}."),
        ("升力（来源1）。阻力（来源：2、3）。升力(来源 4)", "升力{1}。阻力{2,3}。升力{4}"),
        ("Lift (source 1) and (Sources 2, 3).", "Lift {1} and {2,3}."),
        ("Lift [passage 1, passage 2] and [doc_3].", "Lift {1,2} and {3}."),
        ("【来源1】【引用：2】[参考3]", "{1}{2}{3}"),
        ("Lift [1 and 2], [1, 2, and 3], [1 & 2], [1 or 2].", "Lift {1,2}, {1,2,3}, {1,2}, {1,2}."),
        ("Lift [Passages 1 and 2] [passage 1 and passage 2].", "Lift {1,2} {1,2}."),
        ("Lift [Sources 1, 2 and 4].", "Lift {1,2,4}."),
        (
            "升力[1、2和3]。阻力【1和2】，[1与2]，［段落1及段落2］。",
            "升力{1,2,3}。阻力{1,2}，{1,2}，{1,2}。",
        ),
        ("Lift [^1^] and [^1^][^2^].", "Lift {1} and {1}{2}."),
        ("Lift [ID:1], [id: 2], [IDs: 1, 2], [ID 3].", "Lift {1}, {2}, {1,2}, {3}."),
        ("Lift [#1] and [#1, #2] and [Source #3].", "Lift {1} and {1,2} and {3}."),
        ("Lift [passage number=\"1\"] and [passage number='2'].", "Lift {1} and {2}."),
        ('Lift [passage number="1", "2"] [number: 3] [No. 4].', "Lift {1,2} {3} {4}."),
        ("Lift [passage no. 2] (passage number 3) (source ID: 4).", "Lift {2} {3} {4}."),
        ("升力[编号1]，[段落编号：2]，（来源编号3）。", "升力{1}，{2}，{3}。"),
        ("Lift [1 to 3] and [1至3].", "Lift {1,2,3} and {1,2,3}."),
        ("Both x[1] and y[2] are read, arr[1] too.", "Both x[1] and y[2] are read, arr[1] too."),
        ("my_list[1] and data_2[2][1] and x1[3]", "my_list[1] and data_2[2][1] and x1[3]"),
        ("x[i][1] or x[1][2], but [3]", "x[i][1] or x[1][2], but {3}"),
        ("变量x[1]存放结果[2]。", "变量x[1]存放结果{2}。"),
        (
            "Centrifugal pumps[1] move 5 m[2], 3s[1] of CO2[2].",
            "Centrifugal pumps{1} move 5 m{2}, 3s{1} of CO2{2}.",
        ),
        (
            "word [1], word.[1], 文字[1], vitamin C[2], _pumps_[3]",
            "word {1}, word.{1}, 文字{1}, vitamin C{2}, _pumps_{3}",
        ),
        ("see report_v2.pdf[1] and x [1] and (x)[2]", "see report_v2.pdf{1} and x {1} and (x){2}"),
        (
            "[1 apple and 2 pears] [Chapter 1] [no one]",
            "[1 apple and 2 pears] [Chapter 1] [no one]",
        ),
        (
            "In (1) and (2024) or (so) and (a source) (see 1).",
            "In (1) and (2024) or (so) and (a source) (see 1).",
        ),
        ("a (source 9) b", "a b"),
        ("x = [[0, 1], [2]]", "x = [[0, 1], {2}]"),
        ("Lift [9] and drag [1, 9].", "Lift and drag {1}."),
        ("It ends [9].", "It ends."),
        (
            "In [2024] and [0] it was [so] and [ ] or [x].",
            "In [2024] and [0] it was [so] and [ ] or [x].",
        ),
        (r"\[1\] is no citation", r"\[1\] is no citation"),
        (r"nor is \[1], but [1]", r"nor is \[1], but {1}"),
        ("Lift [1, 1] and [2-4, 3].", "Lift {1} and {2,3,4}."),
        ("Lift [1-5] and [1-30].", "Lift {1,2,3,4,5} and {1}."),
        ("Lift in data_2 [1][2].", "Lift in data_2 {1}{2}."),
        ("Lift [1†a\nb] and [2].", "Lift [1†a\nb] and {2}."),
        ("`a[1]` and [1]", "`a[1]` and {1}"),
        ("``a`[1]`` and [1]", "``a`[1]`` and {1}"),
        ("a lone ` sign\n\nthen [1]", "a lone ` sign\n\nthen {1}"),
        ("```python\nx = a[1]\n```\nas said [1]", "```python\nx = a[1]\n```\nas said {1}"),
        ("~~~\na[1]\n```\na[2]\n~~~\n[1]", "~~~\na[1]\n```\na[2]\n~~~\n{1}"),
        ("```\na[1]", "```\na[1]"),
        ("```\na[1]\n`````\nas said [1]", "```\na[1]\n`````\nas said {1}"),
        ("open [1", "open [1"),
        ("[1", "[1"),
        ("[1]", "{1}"),
        ("trailing  ", "trailing  "),
        ("", ""),
    ],
)
def test_only_citation_marks_are_found(written, meant):
    assert scanned(written) == meant
    assert scanned(*written) == meant


def test_the_cuts_of_the_stream_do_not_change_the_result():
    text = "Lift grows [1, 2], see `a[1]` 【3】\n```c\nb[2] = `x`;\n```\nand drag [7] falls [Source 2]. Done [1-2]"
    whole = scanned(text)

    for first, second in itertools.combinations(range(len(text)), 2):
        assert scanned(text[:first], text[first:second], text[second:]) == whole


@pytest.mark.parametrize(
    "text",
    [
        "a [[1]] b [[2, 3]], [[x]]",
        "升力（来源：1、2）。(source 3) (so)",
        "［１］［２，３］[citation:4] [doc_5]",
        "[passage 1, passage 2] 【3†a.pdf】[4†]",
        "[1 and 2] [Passages 1 and 2] [1, 2, and passage no. 3]",
        "[1、2和3]［段落编号：1以及2］[^1^][1至3]",
        '[ID:1] [#1, #2] [passage number="1"] [passage number 2 and 3]',
        "x[1] my_list[2][1] pumps[1] 5 m[2] 变量y[1] [3]",
    ],
)
def test_the_cuts_of_the_stream_do_not_change_unusual_marks(text):
    whole = scanned(text)
    assert "{" in whole

    for first, second in itertools.combinations(range(len(text)), 2):
        assert scanned(text[:first], text[first:second], text[second:]) == whole


def test_a_round_bracket_in_prose_is_released_early():
    scanner = CitationScanner({1})

    assert "".join(map(str, scanner.feed("Lift (that is, a force"))) == "Lift (that is, a force"


def test_plain_text_is_released_at_once():
    scanner = CitationScanner({1})

    assert list(scanner.feed("Lift grows")) == ["Lift grows"]
    assert list(scanner.feed(" with speed, ")) == [" with speed,"]
    assert list(scanner.feed("[note that this")) == [" [note that this"]


def test_without_passages_all_numbers_are_removed():
    assert scanned("Lift grows [1]. Drag [2].", known=()) == "Lift grows. Drag."


def test_a_long_run_of_blanks_is_scanned_in_linear_time():
    assert scanned(" " * 200_000 + "x") == " " * 200_000 + "x"


@pytest.mark.parametrize(
    "unit", ["[1]", "x[1]", "[1,", "[passage passage ", "`a` ", "(source ", "[1†", "[", "\n  "]
)
def test_a_long_answer_of_marks_and_half_marks_is_scanned_in_linear_time(unit):
    began = time.process_time()
    scanned(unit * (60_000 // len(unit)))
    scanned(*[unit] * 3_000)

    assert time.process_time() - began < 3


def test_marks_are_removed_from_history():
    assert (
        without_marks("Lift grows [1, 2]. Drag【3】 falls as x[1] does[2].")
        == "Lift grows. Drag falls as x[1] does."
    )
