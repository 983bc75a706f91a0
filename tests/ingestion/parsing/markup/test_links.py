"""Addresses of links are kept beside their words in every format with links."""

import pytest
from support.office_files import zipped

from ingestion.parsing.markup.reader import html_elements, markdown_elements
from ingestion.parsing.text.links import with_address


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("here", "https://example.org/form/77", "here (https://example.org/form/77)"),
        ("us", "mailto:ops@example.org?subject=Pump", "us (mailto:ops@example.org)"),
        ("example.org", "https://example.org/", "example.org (https://example.org/)"),
        ("表单", " HTTP://example.org/表 单 ", "表单 (HTTP://example.org/表%20单)"),
    ],
)
def test_web_and_mail_addresses_follow_the_words_in_brackets(text, address, shown):
    assert with_address(text, address) == shown


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("https://example.org/表", "https://example.org/%E8%A1%A8"),
        ("Write to ops@example.org", "mailto:ops@example.org"),
        ("up", "#top"),
        ("next", "/chapter/2"),
        ("run", "javascript:alert(1)"),
        ("file", "file:///etc/passwd"),
        ("two", "https://example.org/a\nb"),
        ("", "https://example.org"),
        ("track", "https://example.org/?" + "x" * 500),
        ("none", None),
    ],
)
def test_an_address_in_the_text_or_outside_the_web_is_left_out(text, address):
    assert with_address(text, address) == text


def texts(page: str) -> list[str]:
    return [element.text for element in html_elements(page)]


def test_links_of_a_page_keep_their_addresses_in_text_lists_tables_and_captions():
    page = """<p>The form is <a href="https://x.org/77">here</a>. Mail <a href=mailto:a@x.org><b>us</b></a>.</p>
    <ul><li><a href="https://x.org/1">One</a></ul><p><a href="https://x.org/p"><img alt="Map"></a>
    <table><tr><th>Form<th>No<tr><td><a href="https://x.org/2">Two</a><td>2</table>
    <p><a href="https://x.org/a">a</a><a href="https://x.org/b">b</a>"""

    assert texts(page) == [
        "The form is here (https://x.org/77). Mail us (mailto:a@x.org).",
        "One (https://x.org/1)",
        "Map (https://x.org/p)",
        "| Form | No |\n| --- | --- |\n| Two (https://x.org/2) | 2 |",
        "a (https://x.org/a) b (https://x.org/b)",
    ]


def test_the_address_of_a_heading_follows_below_and_code_has_none():
    page = '<h2><a href="https://x.org/1.2">1.2</a></h2>new<pre><a href="https://x.org/f">f</a>()</pre>'

    assert texts(page) == ["1.2", "https://x.org/1.2", "new", "f()"]


def test_links_of_markdown_keep_their_addresses():
    text = "See [the *form*][f], <https://x.org/2>, https://x.org/3 and [https://x.org/4](https://x.org/4).\n\n[f]: https://x.org/1"

    assert [element.text for element in markdown_elements(text)] == [
        "See the form (https://x.org/1), https://x.org/2, https://x.org/3 and https://x.org/4."
    ]


RST = """
See `the form <https://x.org/1>`_, `House rules`_ and Python_; `https://x.org/4 <https://x.org/4>`_, :ref:`top <x>`.

=====  ==========
Form   No
=====  ==========
A      `B <https://x.org/2>`_
=====  ==========

.. _House rules: https://x.org/5
.. _python: https://python.org
"""
ORG = "See [[https://x.org/1][the form]], [[https://x.org/2]], [[file:a.org][notes]] and [[mailto:a@x.org][us]].\n"
RTF = (
    r"{\rtf1\ansi See {\field{\*\fldinst{HYPERLINK "
    + '"https://x.org/1"'
    + r"}}{\fldrslt{\ul\cf1 the form}}}, "
    r"{\field{\*\fldinst HYPERLINK " + '"https://x.org/2"' + r" }{\fldrslt https://x.org/2}} and "
    r"{\field\flddirty{\*\fldinst {\rtlch HYPERLINK "
    + '"mailto:a@x.org"'
    + r"}}{\fldrslt {\b us}{\i  all}}}.\par}"
)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "a.rst",
            RST,
            "See the form (https://x.org/1), House rules (https://x.org/5) and Python (https://python.org); "
            "https://x.org/4, top.",
        ),
        (
            "a.org",
            ORG,
            "See the form (https://x.org/1), https://x.org/2, notes and us (mailto:a@x.org).",
        ),
        (
            "a.rtf",
            RTF,
            "See the form (https://x.org/1), https://x.org/2 and us all (mailto:a@x.org).",
        ),
        (
            "a.ipynb",
            '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "[here](https://x.org/1)"}]}',
            "here (https://x.org/1)",
        ),
        (
            "a.eml",
            "From: a@x.org\nTo: b@x.org\nSubject: s\nContent-Type: text/html\n\n<p>So <a href=https://x.org/1>here</a>.",
            "So here (https://x.org/1).",
        ),
    ],
)
def test_links_keep_their_addresses_in_every_text_format(read, written, name, text, expected):
    assert expected in [element.text for element in read(written(name, text.encode())).elements]


def test_links_in_tables_of_rst_keep_their_addresses(read, written):
    assert "| A | B (https://x.org/2) |" in read(written("a.rst", RST.encode())).elements[1].text


ANONYMOUS_RST = """
Pumps__
=======

See `the form`__, the `house
rules`__ and ``literal__``, `here <https://x.org/4>`__.

- One item names `its own`__ target.

"""


def test_links_of_rst_to_anonymous_targets_have_the_addresses_in_their_order(read, written):
    targets = "__ https://x.org/0\n__ https://x.org/1\n__ rules_\n\n.. __: https://x.org/very/long/\n   address\n"
    text = f"{ANONYMOUS_RST}{targets}\n.. _rules: https://x.org/2\n"

    assert [element.text for element in read(written("a.rst", text.encode())).elements] == [
        "Pumps (https://x.org/0)",
        "See the form (https://x.org/1), the house rules (https://x.org/2) and literal, here (https://x.org/4).",
        "One item names its own (https://x.org/very/long/address) target.",
    ]


@pytest.mark.parametrize("targets", ["__ https://x.org/0\n", "__ https://x.org/1\n" * 5])
def test_links_of_rst_have_no_addresses_if_anonymous_targets_do_not_match(read, written, targets):
    texts = [
        element.text
        for element in read(written("a.rst", f"{ANONYMOUS_RST}{targets}".encode())).elements
    ]

    assert texts[0] == "Pumps"
    assert texts[-1] == "One item names its own target."


def test_only_links_that_leave_a_book_keep_their_addresses(read, written):
    chapter = """<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>Forms</h1>
    <p>The form is <a href="https://x.org/77">here</a>, notes in <a href="two.xhtml#n1">chapter 2</a>.</p>
    <ul><li><a href="mailto:a@x.org?subject=Form">Ask us</a></li></ul></body></html>"""
    book = """<package xmlns="http://www.idpf.org/2007/opf"><manifest>
    <item id="one" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>
    <spine><itemref idref="one"/></spine></package>"""
    parts = {"mimetype": "application/epub+zip", "book.opf": book, "one.xhtml": chapter}

    assert [element.text for element in read(written("a.epub", zipped(parts))).elements] == [
        "Forms",
        "The form is here (https://x.org/77), notes in chapter 2.",
        "Ask us (mailto:a@x.org)",
    ]


@pytest.mark.data
@pytest.mark.parametrize("name", ["15-links_a.md", "15-links_b.html"])
def test_the_address_of_the_form_is_read(read, real_data, name):
    read_texts = [element.text for element in read(real_data / "cases" / name).elements]

    assert "The form is here (https://intranet.example.org/form/77)." in read_texts[1]
