"""Small documents, broken at random: each is read or refused without a bug in our code.

The examples are bounded and repeatable; `pytest --hypothesis-seed=random -o …` searches further.
Its findings are tests of the readers.
"""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.broken_documents import OUR_MISTAKES, edited, refused_because

from ingestion.parsing.options import Options


def _zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return file.getvalue()


def _taped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(file.getvalue())


def _message() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["Date"] = (
        "Fees",
        "a@b.c",
        "Mon, 05 Jan 2026 10:00:00 +0000",
    )
    message.set_content("Hello\n> quoted")
    message.add_alternative("<p>Hello <b>you</b></p>", subtype="html")
    message.add_attachment(
        b"# Knots\n\ntext", maintype="text", subtype="markdown", filename="knots.md"
    )
    return message.as_bytes()


SAVED = b"""From: <Saved by Blink>
Snapshot-Content-Location: http://x/
Subject: =?utf-8?Q?Bread=20?=
Content-Type: multipart/related; type="text/html"; boundary="--b--"

----b--
Content-Type: text/html
Content-Transfer-Encoding: quoted-printable

<!DOCTYPE html><html><meta charset=3D"utf-8"><h1>Bread</h1><p>One =C3=A9 two=
 three</p></html>
----b----
"""
VALUE = {
    "rows": [{"x": 1, "y": "z"}, {"x": 2}],
    "deep": {"list": [1, "two"]},
    "cells": [{"source": ["# A"]}],
}
XML = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a><t><title>T</title><p>a <b>b</b>&x;</p></t>
<s><n>1</n><c>2</c></s><s><n>1</n><c>2</c></s><table><tr><td colspan="2">x</td></tr></table></a>"""
HTML = b"""<html><title>t</title><h1>a</h1><table><tr><th colspan=2>a<td>b<tr><td rowspan=3>c<td>d</table><ol start=3>
<li>x<ol><li value=5>y</ol></ol><pre>x</pre><img alt=x><p style="display:none">z<a>1</a><a>2</a><sup>2</sup></html>"""
RST = b"A\n=\n\n1. x\n\n   y\n\n.. code::\n\n   c\n\n+---+\n| a |\n+---+\n\n== ==\na  b\n== ==\n\nx::\n\n  y\n\n* z\n"
SEEDS = {
    "a.csv": b'a,b\n"x\ny",2\n1,2\n',
    "a.eml": _message(),
    "a.html": HTML,
    "a.json": json.dumps(VALUE).encode(),
    "a.ipynb": json.dumps(
        {"cells": [{"cell_type": "markdown", "source": ["# A"]}], "nbformat": 4}
    ).encode(),
    "a.jsonl": b'{"a": 1}\n{"a": 2}\n',
    "a.mbox": b"From a Mon Jan  5 10:00:00 2026\n" + _message(),
    "a.mhtml": SAVED,
    "a.md": b"---\ntitle: x\n---\n# a\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. x\n   ```\n   c\n   ```\n",
    "a.org": b"#+TITLE: x\n* A :t:\n:PROPERTIES:\n:END:\n- a\n  b\n| a | b |\n|---+---|\n#+BEGIN_SRC x\ny\n#+END_SRC\n",
    "a.py": b"def a():\n    pass\n\nclass B:\n    x = 1\n",
    "a.rst": RST,
    "a.tgz": _taped("x/a.txt", b"hello"),
    "a.tar": gzip.decompress(_taped("x/a.txt", b"hello")),
    "a.tar.bz2": bz2.compress(gzip.decompress(_taped("x/a.txt", b"hello"))),
    "a.xz": lzma.compress(b"hello"),
    "a.txt": "第一章 雨\n\n- a\n- b\n\n雨季从五月开始。".encode("gb18030"),
    "a.xml": XML,
    "a.zip": _zipped({"x/a.txt": b"hello", "b.zip": _zipped({"c.txt": b"x"})}),
}
TOKENS = [
    b"\x00", b"<", b'"', b"'", b"\n", b"\xff\xfe", b"\xef\xbb\xbf", b"&#0;", b"&#xD800;", b"=", b"|", b"+", b"::",
    b".. ", b"\x1b$", b"[", b"{", b"}", b"&x;", b"<![CDATA[", b"=?utf-8?q?=FF?=", b"9" * 30, b"\xed\xa0\x80",
    b"\\ud800", b"1e999", b" " * 50, b"charset=idna",
]  # fmt: skip
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.sampled_from([0, 1, 8, 64]),
        st.sampled_from([b"", *TOKENS]),
        st.sampled_from([1, 40]),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutations")


@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(edits=EDITS)
@pytest.mark.parametrize("name", SEEDS)
def test_a_broken_document_is_read_or_refused(place, name, edits):
    path = place / "broken"
    path.write_bytes(edited(SEEDS[name], edits))

    cause = refused_because(path, name, Options())

    assert not isinstance(cause, OUR_MISTAKES), repr(cause)
