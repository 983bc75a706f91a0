import pytest

from ingestion.file_names import MAX_BYTES, clean_name, clean_path


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("report.pdf", "report.pdf"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\Users\\Rui\\年度报告.docx", "年度报告.docx"),
        ("a\x00b.txt", "a b.txt"),
        ("a\nb\tc.txt", "a b c.txt"),
        ("  spaced   out .txt ", "spaced out .txt"),
        ("ev\u202etxt.exe", "evtxt.exe"),
        ("cafe\u0301.txt", "café.txt"),
        ("\ud800.txt", ".txt"),
        ("", "untitled"),
        ("   ", "untitled"),
        ("..", "untitled"),
        ("/", "untitled"),
        ("folder/", "folder"),
        ("\x00\x01", "untitled"),
    ],
)
def test_a_name_is_cleaned_for_display(raw, clean):
    assert clean_name(raw) == clean


def test_a_long_name_keeps_its_ending():
    name = clean_name("x" * 400 + ".pdf")

    assert len(name) == 255
    assert name.endswith("x.pdf")


def test_a_chinese_name_of_255_bytes_is_unchanged():
    name = "长" * 83 + ".txt"

    assert clean_name(name) == name


def test_a_name_of_wide_characters_is_cut_between_characters():
    name = clean_name("😀" * 255 + ".txt")

    assert len(name.encode()) <= MAX_BYTES
    assert name.endswith("😀.txt")


def test_a_false_suffix_is_cut_with_a_long_name():
    name = clean_name("a." + "b" * 400)

    assert len(name) == 255


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("reports/2024/annual.pdf", "reports/2024/annual.pdf"),
        ("/etc/passwd", "etc/passwd"),
        ("../../a/./b.txt", "a/b.txt"),
        ("C:\\Users\\年度报告.docx", "C:/Users/年度报告.docx"),
        ("a//b.txt", "a/b.txt"),
        ("a\n/b\x00.txt", "a/b .txt"),
        ("../..", "untitled"),
        ("", "untitled"),
    ],
)
def test_a_path_keeps_its_folders_without_parent_references(raw, clean):
    assert clean_path(raw) == clean


def test_two_long_paths_have_different_names():
    names = {clean_path("x" * 200 + "/" + "y" * 200 + f"{number}.pdf") for number in range(3)}

    assert len(names) == 3
    assert {len(name) for name in names} == {255}
    assert all(name.endswith(".pdf") for name in names)
