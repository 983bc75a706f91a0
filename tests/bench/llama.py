"""Whether small local models cite: real models behind a real llama.cpp server, asked through the whole of Reading Room.

Each question is asked of documents that are uploaded, found and cited as any others. Printed is how
many answers cite, how many cite only documents that bear the answer, and how many hold its words.
`RR_ANSWERS=1` prints the answers too.
"""

import json
import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bench.small_models import MODELS, SmallModel, install, served
from support.running_server import Server, running

DOCUMENTS = {
    "opening.txt": "The library opens at nine in the morning and closes at eight in the evening, except on Sundays.",
    "loans.txt": "Up to twelve books may be borrowed at once, each for four weeks. A loan can be renewed twice.",
    "fees.txt": "For each day that a book is late a fee of 20 cents is charged. A lost book costs its price.",
    "pump.txt": "The P-200 pump moves 35 cubic metres an hour at 4 bar. Its seals are replaced every 2,000 hours.",
    "rooms.txt": "Group rooms hold up to eight people and are booked at the front desk, at most two weeks ahead.",
    "差旅.txt": "出差住宿费标准：一线城市每晚不超过五百元，其他城市每晚不超过三百五十元。超出部分由个人承担。",
    "年假.txt": "员工工作满一年可享受五天年假，满十年可享受十天年假。年假最多可顺延至次年三月底。",
    "报销.txt": "报销单须在费用发生后三十天内提交，并附发票原件。逾期不予受理。",
    "会议室.txt": "会议室最多容纳十二人，须提前一天在前台预约，每次使用不超过两小时。",
    "门禁.txt": "门禁卡遗失应立即报告保安室，补办工本费为五十元。",
}


@dataclass(frozen=True)
class Case:
    """A question, the documents that bear its answer (none: it cannot be answered), and words of the answer."""

    question: str
    documents: frozenset[str]
    words: tuple[str, ...] = ()
    before: str = ""
    """A question asked before it in the same conversation."""


CASES = [
    Case("When does the library open?", frozenset({"opening.txt"}), ("nine", "9")),
    Case(
        "How often must the seals of the P-200 be replaced?",
        frozenset({"pump.txt"}),
        ("2,000", "2000"),
    ),
    Case(
        "How many books may I borrow, and what does a late one cost?",
        frozenset({"loans.txt", "fees.txt"}),
        ("20",),
    ),
    Case("Who founded the library?", frozenset()),
    Case(
        "And how far ahead can I book one?",
        frozenset({"rooms.txt"}),
        ("two weeks",),
        "How large are group rooms?",
    ),
    Case("出差到一线城市，住宿费标准是多少？", frozenset({"差旅.txt"}), ("五百", "500")),
    Case("报销单要在多少天内提交？", frozenset({"报销.txt"}), ("三十", "30")),
    Case(
        "工作满十年有几天年假？门禁卡丢了要交多少钱？",
        frozenset({"年假.txt", "门禁.txt"}),
        ("十天", "10"),
    ),
    Case("公司的创始人是谁？", frozenset()),
    Case("那要提前多久预约？", frozenset({"会议室.txt"}), ("一天", "1天"), "会议室能坐多少人？"),
]


def main() -> None:
    """Ask both models."""
    install()
    for model in MODELS:
        with served(model) as address, running() as server:
            token = server.token()
            slug = workspace(server, token, model, address)
            print(
                f"{model.name}: {summary([asked(server, token, slug, case) for case in CASES])}",
                flush=True,
            )


def workspace(server: Server, token: str, model: SmallModel, address: str) -> str:
    """Connect the model and load the documents; return the slug."""
    added = server.call(
        "/api/v1/connections/", {"name": "llama", "kind": "openai", "base_url": address}, token
    )
    print("check:", json.dumps(added["check"], ensure_ascii=False), flush=True)
    slug = str(server.call("/api/v1/workspaces/", {"name": "Small"}, token)["slug"])
    settings = {"chat_model": f"llama/{model.name}", "temperature": 0, "top_k": 4}
    server.call(f"/api/v1/workspaces/{slug}/", settings, token, "PATCH")
    server.upload(slug, [(name, text.encode()) for name, text in DOCUMENTS.items()], token)
    server.wait_until_indexed(slug, token)
    return slug


def asked(server: Server, token: str, slug: str, case: Case) -> Counter[str]:
    """Ask, and return what holds of the answer."""
    made = server.call(f"/api/v1/workspaces/{slug}/conversations/", {}, token)
    path = f"/api/v1/conversations/{made['id']}/messages/"
    if case.before:
        answer_to(server, path, case.before, token)
    answer = answer_to(server, path, case.question, token)
    if os.environ.get("RR_ANSWERS"):
        print(f"  {case.question} → {answer['text']}", flush=True)
    cited = {citation["document"]["name"] for citation in answer["citations"]}
    if not case.documents:
        return Counter(unanswerable=1, cited_all_the_same=bool(cited))
    return Counter(
        answerable=1,
        cites=bool(cited),
        cites_only_right=bool(cited) and cited <= case.documents,
        cites_all=cited >= case.documents,
        answers=any(word in answer["text"] for word in case.words),
    )


def answer_to(server: Server, path: str, question: str, token: str) -> dict[str, Any]:
    """Return the final answer."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    body = json.dumps({"text": question}).encode()
    with server.request(path, body, **headers) as response:
        answer: dict[str, Any] = json.load(response)
    assert answer["status"] == "done", answer
    return answer


def summary(rows: list[Counter[str]]) -> str:
    """Return the counts in words."""
    total: Counter[str] = Counter()
    for row in rows:
        total.update(row)
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in total.items())
