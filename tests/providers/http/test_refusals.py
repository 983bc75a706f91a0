import json
import time

import pytest

from providers.http.errors import FaultFactory
from providers.http.refusals import excerpt, refusal, said_in

KEY = "sk-abcdef0123456789"
FAULTS = FaultFactory("h:1", KEY)


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (
            400,
            "This model's maximum context length is 65536 tokens. However, you requested 99999.",
            "too_long",
        ),
        (400, "the input length exceeds the context length", "too_long"),
        (413, "", "too_long"),
        (
            500,
            "input is too large to process. increase the physical batch size; input length 600",
            "too_long",
        ),
        (400, "Model Not Exist", "model_missing"),
        (404, "The model `m` does not exist.", "model_missing"),
        (404, "model 'm' not found, try pulling it first", "model_missing"),
        (429, "You exceeded your current quota: insufficient_quota", "no_balance"),
        (403, "余额不足", "key_refused"),
        (402, "Insufficient Balance", "no_balance"),
        (400, "Content Exists Risk", "withheld"),
        (400, "The response was filtered due to the content policy", "withheld"),
        (400, "temperature must be between 0 and 2", "declined"),
        (422, "", "declined"),
        (418, "", "declined"),
        (429, "", "busy"),
        (502, "", "failing"),
        (308, "", "redirects"),
        (0, "CUDA error", "failing"),
        (
            500,
            "model requires more system memory (7.6 GiB) than is available (3.2 GiB)",
            "no_memory",
        ),
        (
            500,
            "model requires more system memory than is currently available, unload some models",
            "no_memory",
        ),
        (500, "llama runner process has terminated: cudaMalloc failed: out of memory", "no_memory"),
        (500, "CUDA out of memory. Tried to allocate 2.00 GiB", "no_memory"),
        (500, "llama runner process has terminated: signal: killed", "no_memory"),
        (0, "insufficient GPU memory", "no_memory"),
        (500, "llama runner process has terminated: exit status 2", "failing"),
    ],
)
def test_status_and_message_determine_the_error(status, said, code):
    content = json.dumps({"error": {"message": said}}).encode() if said else b""

    assert refusal(FAULTS, status, content, "m").code == f"provider_{code}"


def test_an_unknown_path_is_a_wrong_address():
    assert refusal(FAULTS, 404, b"<html>404</html>", "m").code == "provider_wrong_address"
    assert refusal(FAULTS, 404, b'{"detail": "Not Found"}', "").code == "provider_wrong_address"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "no"}, "no"),
        ({"error": {"message": "no"}}, "no"),
        ({"message": "no", "code": 20015}, "no"),
        (
            {"detail": [{"loc": ["body", "thinking"], "msg": "Extra inputs"}]},
            "Extra inputs body thinking",
        ),
        ({"detail": "no"}, "no"),
        ("no", "no"),
        (7, ""),
        ({"error": {"message": None}}, ""),
    ],
)
def test_the_message_is_found_in_the_format_of_each_server(body, said):
    assert said_in(json.dumps(body).encode()) == said


@pytest.mark.parametrize(
    "said", [f"bad key {KEY}!", "Incorrect key sk-proj-1234567890abc", "Your api key: ****-key"]
)
def test_possible_keys_are_not_quoted(said):
    error = refusal(FAULTS, 400, json.dumps({"error": said}).encode(), "m")

    assert "sk-" not in str(error)
    assert "***" not in str(error)


def test_an_excerpt_of_a_message_is_short_and_on_one_line():
    assert excerpt("a\n\tb\x00\x1b[31m c", "") == "a b[31m c"
    assert len(excerpt("word " * 1000, "")) == 160


@pytest.mark.parametrize("letters", ["x", "中", "*", "* ", "sk-", '{"a":', "model ", "=", "\u3000"])
@pytest.mark.parametrize(
    "shape",
    [lambda text: text, lambda text: {"error": {"message": text}}, lambda text: [[text] * 3] * 3],
)
def test_a_message_of_a_megabyte_is_read_in_milliseconds(shape, letters):
    content = json.dumps(shape(letters * (10**6 // len(letters)))).encode()
    began = time.thread_time()

    error = refusal(FAULTS, 500, content, "m")

    assert time.thread_time() - began < 0.5  # It took minutes where a pattern saw all of it.
    assert len(error.said) <= 4000
    assert len(str(error)) < 400


def test_a_version_of_a_megabyte_becomes_an_excerpt():
    assert len(excerpt("9" * 10**6, KEY)) == 160


@pytest.mark.parametrize("before", range(1980, 2001, 4))
def test_a_key_at_the_end_of_the_excerpt_is_not_quoted_in_part(before):
    blanks = " " * before

    assert excerpt(f"{blanks}{KEY} and more {'.' * 4000}", KEY).strip("…") == ""
