"""Regular expressions take linear time on long texts.

A pattern holds the interpreter's lock while it runs, so one that is slow stops all requests of its
process.
"""

import ast
import re
import signal
import time
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import FrameType, ModuleType
from typing import Any

from support.pattern_attacks import attacks

PACKAGES = (
    "accounts",
    "audit",
    "chat",
    "config",
    "embedded",
    "ingestion",
    "language",
    "providers",
    "web",
    "workspaces",
)
METHODS = {"findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"}
# Patterns made of the fence that opened a code block, and of a literal tag.
MADE_AT_RUN_TIME = {"chat.citing.scanner", "providers.http.think_tags"}
LENGTH = 3_000
QUICK_SECONDS = 0.003
# Four times the length: a linear pattern takes four times as long, a quadratic one sixteen times.
MOST_GROWTH = 8
HOPELESS_SECONDS = 1.5


@cache
def modules() -> dict[str, ModuleType]:
    found = {name: import_module(name) for name in PACKAGES}
    for package in list(found.values()):
        for info in walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in info.name:
                found[info.name] = import_module(info.name)
    return found


@cache
def trees() -> dict[str, ast.Module]:
    return {
        name: ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        for name, module in modules().items()
    }


@cache
def patterns() -> "dict[re.Pattern[Any], str]":
    """The patterns in modules and classes, alone or in containers, with their names."""
    found: dict[re.Pattern[Any], str] = {}
    for module in modules().values():
        for name, value in list(vars(module).items()):
            own_class = isinstance(value, type) and value.__module__ == module.__name__
            for pattern in _inside([*vars(value).values()] if own_class else value):
                found.setdefault(pattern, f"{module.__name__}.{name}")
    return found


def _inside(value: Any) -> "Iterator[re.Pattern[Any]]":
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from _inside([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _inside(item)


@cache
def uses() -> dict[str, set[str]]:
    """The methods that the code calls on each name."""
    found: dict[str, set[str]] = {}
    for node in (node for tree in trees().values() for node in ast.walk(tree)):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in METHODS
            and isinstance(node.value, ast.Name)
        ):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def seconds(pattern: "re.Pattern[Any]", method: str, text: Any) -> float:
    """Return the processor time of one call, or infinity for an interrupted call."""

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, HOPELESS_SECONDS)
    began = time.thread_time()
    try:
        getattr(pattern, method)(text)
        return time.thread_time() - began
    except TimeoutError:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow_text(pattern: "re.Pattern[Any]", methods: set[str]) -> str:
    """Return the text that makes the pattern slow, "" if there is none."""
    tried = {"fullmatch", "match"} & methods | (
        {"findall"} if methods - {"fullmatch", "match"} else set()
    )
    for text in attacks(pattern, LENGTH):
        for method in tried:
            if (took := seconds(pattern, method, text)) < QUICK_SECONDS:
                continue
            if took > HOPELESS_SECONDS:
                return f"{method} {text[:40]!r}… more than {HOPELESS_SECONDS} s"
            short = min(seconds(pattern, method, text) for _ in range(3))
            long = min(seconds(pattern, method, text * 4) for _ in range(2))
            if long > max(short, QUICK_SECONDS) * MOST_GROWTH:
                return f"{method} {text[:40]!r}… {short:.3f} s, four times as long {long:.3f} s"
    return ""


def slow_patterns(*, of_readers: bool) -> dict[str, str]:
    found = {}
    for pattern, name in patterns().items():
        if name.startswith("ingestion.parsing.") == of_readers:
            methods = uses().get(name.rpartition(".")[2], METHODS)
            if slow := slow_text(pattern, methods):
                found[name] = slow
    return found


def test_patterns_of_the_web_process_and_the_workers_are_linear_in_long_runs():
    assert slow_patterns(of_readers=False) == {}


def test_patterns_of_the_readers_are_linear_in_long_runs():
    assert slow_patterns(of_readers=True) == {}


def test_the_attacks_find_quadratic_cubic_and_exponential_patterns():
    for known in (
        r"\S*\*{3,}\S*",
        r"\s*(?:a|\s*b)\s*$",
        r"^(?:>+\s*)+$",
        r"\[[^\]]*\]",
        "<a(.*?)/a>",
        r"第\d+.*条\d+.*款",
        r"(\*+)\s+(.*?)(?:\s+:\w+:)?\s*",
    ):
        assert slow_text(re.compile(known), {"search", "fullmatch"}), known


def test_each_pattern_is_compiled_at_module_level():
    elsewhere = []
    for name, tree in trees().items():
        outside = {
            id(node)
            for top in tree.body
            if isinstance(top, ast.Assign | ast.AnnAssign)
            for node in ast.walk(top)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                outside |= {
                    id(n)
                    for item in node.body
                    if isinstance(item, ast.Assign)
                    for n in ast.walk(item)
                }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
                function = ast.unparse(node.func).removeprefix("re.")
                compiled = function == "compile" and (
                    id(node) in outside or name in MADE_AT_RUN_TIME
                )
                if function in METHODS | {"compile"} and not compiled:
                    elsewhere.append(f"{name}:{node.lineno}")
    assert elsewhere == []
