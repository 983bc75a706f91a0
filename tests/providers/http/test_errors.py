"""Each fault of a model server has a code and a sentence, ends in time and leaves no resources."""

import asyncio
import gc
import threading
import time

import psutil
import pytest
from support.model_listener import QUICK, told, until

from providers.connections.factory import server_for
from providers.exceptions import ProviderRefused, ProviderUnavailable
from providers.http import pools
from providers.http.timeouts import Timeouts
from providers.protocols import ChatRequest, FoundModel

FAULTS = {
    "down": ("provider_unreachable", ProviderUnavailable),
    "slow": ("provider_slow", ProviderUnavailable),
    "401": ("provider_key_refused", ProviderRefused),
    "402": ("provider_no_balance", ProviderRefused),
    "404": ("provider_model_missing", ProviderRefused),
    "422": ("provider_declined", ProviderRefused),
    "429": ("provider_busy", ProviderUnavailable),
    "500": ("provider_failing", ProviderUnavailable),
    "503": ("provider_failing", ProviderUnavailable),
    "cut": ("provider_cut_off", ProviderUnavailable),
    "garbage": ("provider_not_understood", ProviderRefused),
    "silence": ("provider_silent", ProviderUnavailable),
    "reset": ("provider_cut_off", ProviderUnavailable),
    "redirect": ("provider_redirects", ProviderRefused),
}
KINDS = ["ollama", "deepseek"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_has_its_code_and_the_host_of_its_server(
    kind, fault, chat_model, request, listen
):
    server = request.getfixturevalue(kind)
    model = chat_model(kind)
    server.fault = fault

    began = time.monotonic()
    with pytest.raises(FAULTS[fault][1]) as caught:
        await listen(model)

    assert caught.value.code == FAULTS[fault][0]
    assert caught.value.sentence.values["host"] == f"127.0.0.1:{server.port}"
    assert "sk-the-right-one" not in str(caught.value)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("host", ["a..b", ".", "a" * 70 + ".lab"])
@pytest.mark.parametrize("kind", ["ollama", "openai"])
async def test_an_invalid_host_name_is_unreachable(kind, host):
    server = server_for(kind, f"http://{host}", "", QUICK)
    model = server.chat_model("x/x", FoundModel("x", "chat"))

    with pytest.raises(ProviderUnavailable) as caught:
        server.version()

    assert caught.value.code == "provider_unreachable"
    assert await told(model) == ("", "", "provider_unreachable")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "fault", ["down", "slow", "401", "402", "429", "500", "garbage", "reset", "redirect"]
)
def test_version_and_list_of_models_raise_the_same_faults(kind, fault, request):
    server = request.getfixturevalue(kind)
    server.fault = fault
    speaker = request.getfixturevalue(f"{kind}_server")

    for look in (speaker.version, speaker.found_models):
        with pytest.raises(FAULTS[fault][1]) as caught:
            look()
        assert caught.value.code == FAULTS[fault][0]


@pytest.mark.parametrize("fault", ["cut", "silence"])
def test_a_broken_list_of_models_is_unavailable(fault, deepseek, deepseek_server):
    deepseek.fault = fault

    with pytest.raises(ProviderUnavailable) as caught:
        deepseek_server.found_models()

    assert caught.value.code in {"provider_cut_off", "provider_slow", "provider_silent"}


@pytest.mark.parametrize("fault", ["cut", "silence"])
@pytest.mark.parametrize("kind", KINDS)
async def test_text_before_a_fault_is_streamed(kind, fault, chat_model, request):
    model = chat_model(kind, name="deepseek-v4-flash" if kind == "deepseek" else "qwen2.5:7b")
    request.getfixturevalue(kind).fault = fault

    thought, said, end = await told(model, ChatRequest([Asked()], ""))

    assert thought + said
    assert end == FAULTS[fault][0]


class Asked:
    role = "user"
    text = "What is blue, and why is it so?"


async def test_a_missing_server_is_unreachable():
    model = server_for("openai", "http://127.0.0.1:1", "", QUICK).chat_model(
        "x/m", FoundModel("m", "chat")
    )

    assert (await told(model))[2] == "provider_unreachable"


@pytest.mark.parametrize("url", ["http://", "ftp://127.0.0.1", "nonsense", "http://[::1", ""])
@pytest.mark.parametrize("kind", ["ollama", "openai"])
async def test_an_invalid_address_is_unreachable(kind, url):
    server = server_for(kind, url, "", QUICK)

    assert (await told(server.chat_model("x/m", FoundModel("m", "chat"))))[
        2
    ] == "provider_unreachable"
    with pytest.raises(ProviderUnavailable):
        server.found_models()


async def test_an_error_does_not_contain_the_password_of_the_address():
    server = server_for("ollama", "http://ada:secret@127.0.0.1:1", "", QUICK)

    with pytest.raises(ProviderUnavailable) as caught:
        server.version()

    assert "secret" not in str(caught.value)


async def test_keep_alives_prolong_the_wait_up_to_a_limit(deepseek):
    deepseek.fault = "busy"
    limits = Timeouts(connect=1, first_token=0.4, silence=0.2)
    model = server_for("openai", deepseek.url, deepseek.key, limits).chat_model(
        "x/m", FoundModel("deepseek-v4-flash", "chat")
    )

    began = time.monotonic()
    end = (await told(model))[2]

    assert end == "provider_slow"
    assert 0.75 < time.monotonic() - began < 3


async def test_the_error_of_a_missing_model_has_similar_names(ollama, ollama_server, listen):
    model = ollama_server.chat_model("x/qwen", FoundModel("qwen2.5:14b", "chat"))

    with pytest.raises(
        ProviderRefused, match=r"no model “qwen2.5:14b”. Similar models: “qwen2.5:7b”"
    ) as caught:
        await listen(model)

    assert caught.value.code == "provider_model_missing"


async def test_a_missing_model_of_deepseek_is_recognized_despite_its_status(
    deepseek_server, listen
):
    model = deepseek_server.chat_model("x/v3", FoundModel("deepseek-v3-pro", "chat"))

    with pytest.raises(ProviderRefused, match="deepseek-v4-pro"):
        await listen(model)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_closed_stream_closes_its_socket_at_once(kind, chat_model, request):
    server = request.getfixturevalue(kind)
    server.rate = 20
    stream = chat_model(kind).stream(ChatRequest([Asked()], ""))
    await anext(stream)

    await stream.aclose()

    await until(lambda: server.open_streams == 0)
    assert server.abandoned == 1


@pytest.mark.parametrize("fault", ["", "slow", "silence"])
@pytest.mark.parametrize(
    ("kind", "name"), [("ollama", "qwen2.5:7b"), ("deepseek", "deepseek-v4-flash")]
)
async def test_a_cancelled_request_closes_its_socket_at_once(kind, name, fault, request):
    server = request.getfixturevalue(kind)
    server.rate, server.fault = 20, fault
    patient = server_for(
        "ollama" if kind == "ollama" else "openai", server.url, server.key, Timeouts()
    )
    model = patient.chat_model("x/q", FoundModel(name, "chat"))
    task = asyncio.ensure_future(told(model, ChatRequest([Asked()], "")))
    await until(lambda: server.requests)
    await asyncio.sleep(0.3)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await until(lambda: server.abandoned == 1)
    assert server.connections() == 0


async def test_successive_questions_share_one_socket(chat_model, ollama, listen):
    for _time in range(5):
        await listen(chat_model("ollama"))
        await asyncio.sleep(0.05)

    assert ollama.connections() == 1


async def test_two_hundred_faults_leave_no_tasks_threads_or_sockets(ollama, deepseek):
    limits = Timeouts(connect=1, first_token=0.05, silence=0.05)
    servers = {"ollama": ollama, "deepseek": deepseek}
    models = {
        "ollama": server_for("ollama", ollama.url, "", limits).chat_model(
            "x/q", FoundModel("qwen2.5:7b", "chat")
        ),
        "deepseek": server_for("openai", deepseek.url, deepseek.key, limits).chat_model(
            "x/d", FoundModel("deepseek-v4-flash", "chat")
        ),
    }
    for model in models.values():
        await told(model)
    before = (
        len(asyncio.all_tasks()),
        threading.active_count(),
        len(psutil.Process().net_connections()),
    )

    outcomes = []
    for number in range(200):
        kind = KINDS[number % 2]
        fault = list(FAULTS)[number // 2 % len(FAULTS)]
        servers[kind].fault = fault
        outcomes.append((fault, (await told(models[kind], ChatRequest([Asked()], "")))[2]))
        servers[kind].fault = ""

    assert {end for _fault, end in outcomes} <= {code for code, _kind in FAULTS.values()}
    assert all(end != "nothing" for _fault, end in outcomes)
    await until(lambda: ollama.connections() + deepseek.connections() <= 2)
    gc.collect()
    after = (
        len(asyncio.all_tasks()),
        threading.active_count(),
        len(psutil.Process().net_connections()),
    )
    assert after[0] <= before[0]
    assert after[1] <= before[1]  # Pools create threads on demand and keep them.
    assert after[2] <= before[2] + 4  # At most both ends of one idle socket for each server.


def test_a_finished_event_loop_has_closed_its_sockets(ollama):
    model = server_for("ollama", ollama.url, "", QUICK).chat_model(
        "x/q", FoundModel("qwen2.5:7b", "chat")
    )

    for _time in range(3):
        assert asyncio.run(told(model))[2] == "stop"

    wait_until(lambda: ollama.connections() == 0)
    assert len(pools._of_loops) == 0


def wait_until(condition) -> None:
    """Wait until a condition is true, without an event loop."""
    asyncio.run(until(condition))
