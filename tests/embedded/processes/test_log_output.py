"""Output of programs reaches terminal and log in whole lines without control characters."""

import os

import pytest

from embedded.processes import log_output
from embedded.processes.log_output import ProgramOutput, RotatingLog


@pytest.fixture
def pipe():
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    yield reader, writer
    os.close(reader)


def test_partial_reads_become_whole_prefixed_lines(pipe, tmp_path, capfd):
    reader, writer = pipe
    voice = ProgramOutput("web", RotatingLog(tmp_path / "logs" / "web.log"))

    os.write(writer, b"one\ntw")
    assert voice.read(reader)
    os.write(writer, b"o\n\nrest")
    assert voice.read(reader)
    os.close(writer)
    assert voice.read(reader) is False

    assert capfd.readouterr().err == "web         | one\nweb         | two\nweb         | rest\n"
    assert (tmp_path / "logs" / "web.log").read_text() == "one\ntwo\nrest\n"
    assert list(voice.recent) == ["one", "two", "rest"]


def test_an_empty_pipe_is_not_the_end_of_the_output(pipe, tmp_path):
    reader, writer = pipe

    assert ProgramOutput("web", RotatingLog(tmp_path / "web.log")).read(reader)

    os.close(writer)


def test_control_characters_do_not_reach_the_terminal(pipe, tmp_path):
    reader, writer = pipe
    voice = ProgramOutput("web", RotatingLog(tmp_path / "web.log"), quiet=True)
    os.write(writer, "\x1b[31mred\x1b[0m\x07 文\r\n".encode())
    os.close(writer)

    voice.read(reader)

    assert list(voice.recent) == ["red 文"]


def test_a_line_without_an_end_is_split_at_the_limit(pipe, tmp_path):
    reader, writer = pipe
    voice = ProgramOutput("web", RotatingLog(tmp_path / "web.log"), quiet=True)

    os.write(writer, b"x" * (log_output.MAX_LINE_BYTES + 1))
    voice.read(reader)

    assert len(voice.recent[0]) == log_output.MAX_LINE_BYTES + 1
    os.close(writer)


def test_a_long_log_is_rotated(tmp_path, monkeypatch):
    monkeypatch.setattr(log_output, "MAX_LOG_BYTES", 100)
    log = RotatingLog(tmp_path / "web.log")

    for number in range(30):
        log.write(f"line {number:04}".encode())

    assert (tmp_path / "web.log.1").stat().st_size == 110
    assert (tmp_path / "web.log").read_text().splitlines() == [
        f"line {n:04}" for n in range(22, 30)
    ]


def test_lines_of_an_unwritable_log_are_dropped(tmp_path):
    (tmp_path / "file").write_text("")

    log = RotatingLog(tmp_path / "file" / "web.log")
    log.write(b"lost")
    (tmp_path / "file").unlink()
    log.write(b"kept")

    assert log.path.read_text() == "kept\n"


def test_output_to_a_closed_terminal_raises_nothing():
    reading, writing = os.pipe()
    log_output.say("hello", stream=writing)
    assert os.read(reading, 100) == b"hello\n"
    os.close(reading)
    os.close(writing)

    assert log_output.say("hello", stream=writing) is None
