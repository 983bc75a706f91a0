"""The parser of frames."""

import uuid

import pytest

from chat.sockets.frames import AskFrame, ResumeFrame, StopFrame, UnreadableFrame, read_frame


def test_valid_frames_are_parsed():
    parent = uuid.uuid4()

    assert read_frame('{"type": "ask", "text": " Why? ", "more": 1}') == AskFrame(
        "Why?", None, None
    )
    assert read_frame(
        f'{{"type": "ask", "text": "Why?", "model": "a/b", "parent": "{parent}"}}'
    ) == AskFrame("Why?", "a/b", parent)
    assert read_frame('{"type": "ask", "text": "Why?", "model": null, "parent": null}') == AskFrame(
        "Why?", None, None
    )
    assert read_frame('{"type": "stop"}') == StopFrame(None)
    assert read_frame('{"type": "stop", "message": "m"}') == StopFrame("m")
    assert read_frame('{"type": "resume", "message": "m", "after": 3}') == ResumeFrame("m", 3)
    assert read_frame('{"type": "resume", "message": "m"}') == ResumeFrame("m", 0)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (None, "malformed"),
        ("", "malformed"),
        ("{nonsense", "malformed"),
        ("[" * 100_000, "malformed"),
        ('{"type": "resume", "message": "x", "after": NaN}', "malformed"),
        ('{"type": "resume", "message": "x", "after": ' + "9" * 5000 + "}", "malformed"),
        ("[]", "malformed"),
        ('"ask"', "malformed"),
        ("{}", "unknown_frame"),
        ('{"type": "dance"}', "unknown_frame"),
        ('{"type": ["ask"]}', "unknown_frame"),
        ('{"type": "ask"}', "invalid"),
        ('{"type": "ask", "text": "  "}', "invalid"),
        ('{"type": "ask", "text": "\u200b\u2060"}', "invalid"),
        ('{"type": "ask", "text": 7.5e400}', "invalid"),
        ('{"type": "ask", "text": {"a": 1}}', "invalid"),
        ('{"type": "ask", "text": "a\\u0000b"}', "invalid"),
        ('{"type": "ask", "text": "a\\ud800b"}', "invalid"),
        ('{"type": "ask", "text": "x", "parent": "y"}', "invalid"),
        ('{"type": "ask", "text": "x", "model": 3}', "invalid"),
        ('{"type": "resume", "after": 0}', "invalid"),
        ('{"type": "resume", "message": "x", "after": -1}', "invalid"),
        ('{"type": "resume", "message": "x", "after": true}', "invalid"),
        ('{"type": "resume", "message": "x", "after": 1e30}', "invalid"),
        ('{"type": "stop", "message": 3}', "invalid"),
        ('{"type": "ask", "text": "' + "x" * 300_000 + '"}', "too_large"),
        ('{"type": "ask", "text": "' + "x" * 40_000 + '"}', "invalid"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_invalid_frames_are_refused_with_a_sentence(frame, code):
    with pytest.raises(UnreadableFrame) as refused:
        read_frame(frame)

    assert refused.value.code == code
    assert str(refused.value)
