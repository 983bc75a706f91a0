"""Texts with markup: reStructuredText, Org, rich text."""

import pytest

RST = """\
======
Manual
======
:Author: Mei
:Version: 1.2

Intro with *emphasis*, ``code``, `a link <http://x>`_ and :ref:`here <x>`.

First
-----
1. One
   more
2. Two

   * inner

.. note:: Take care.

   Second line.

.. code-block:: python
   :linenos:

   def a():

       return 1

Example::

    raw
      text

+------+-----+
| Name | No  |
+======+=====+
| a    | 1   |
| b    |     |
+------+-----+

===== ====
A     B
===== ====
x     1 long
      more
y     2
===== ====

.. list-table:: Fees
   :header-rows: 1

   * - Ship
     - Fee
   * - Ada
     - 3

.. csv-table::
   :header: "Day", "Tide"

   "Mon", "high, then low"

.. figure:: lamp.png
   :alt: A lamp

   The lamp

.. include:: /etc/passwd
.. a comment

Second
------
中文段落
第二行。

----

>>> x
1
"""
ORG = """\
#+TITLE: Tides of the Year
* Spring :tag:
  :PROPERTIES:
  :ID: 1
  :END:
  Text *bold* and [[http://x][a link]]
  second line.
** Sub
- one
  more
- [X] two
1. first
# comment
| a | b |
|---+---|
| 1 | /2/ |
#+BEGIN_SRC python
def x():

    pass
#+END_SRC
#+BEGIN_QUOTE
Quoted.
#+END_QUOTE
"""


def test_a_text_in_restructured_text(read, written, outline):
    parsed = read(written("manual.rst", RST.encode()))

    assert parsed.title == "Manual"
    assert outline(parsed) == [
        ("heading1", "Manual"),
        ("paragraph", "Author: Mei\nVersion: 1.2"),
        ("paragraph", "Intro with emphasis, code, a link (http://x) and here."),
        ("heading2", "First"),
        ("list_item", "1. One more"),
        ("list_item", "2. Two"),
        ("list_item", "inner"),
        ("paragraph", "Take care."),
        ("paragraph", "Second line."),
        ("code", "def a():\n\n    return 1"),
        ("paragraph", "Example:"),
        ("code", "raw\n  text"),
        ("table", "| Name | No |\n| --- | --- |\n| a b | 1 |"),
        ("table", "| A | B |\n| --- | --- |\n| x | 1 long more |\n| y | 2 |"),
        ("caption", "Fees"),
        ("table", "| Ship | Fee |\n| --- | --- |\n| Ada | 3 |"),
        ("table", "| Day | Tide |\n| --- | --- |\n| Mon | high, then low |"),
        ("caption", "A lamp"),
        ("paragraph", "The lamp"),
        ("heading2", "Second"),
        ("paragraph", "中文段落第二行。"),
        ("code", ">>> x\n1"),
    ]


def test_a_text_in_org(read, written, outline):
    parsed = read(written("tides.org", ORG.encode()))

    assert parsed.title == "Tides of the Year"
    assert outline(parsed) == [
        ("heading1", "Spring"),
        ("paragraph", "Text bold and a link (http://x) second line."),
        ("heading2", "Sub"),
        ("list_item", "one more"),
        ("list_item", "two"),
        ("list_item", "1. first"),
        ("table", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("code", "def x():\n\n    pass"),
        ("paragraph", "Quoted."),
    ]


def test_an_unclosed_element_is_read_to_the_end_of_the_file(read, written):
    assert read(written("a.org", b"#+begin_src\ncode")).elements[0].text == "code"
    assert read(written("a.rst", b"=== ===\nA   B")).elements


@pytest.mark.parametrize("mark", [r"\*\cs7\cf0 ", r"\b0\*\cs7 ", r"\i0\b0\*\cs7\cf0\rtlch\ltrch "])
def test_text_behind_a_mark_in_the_middle_of_a_group_is_read(read, written, mark):
    text = r"{\rtf1\ansi{\*\generator Writer;}\pard {\loch\f2" + mark + r"The quick brown fox}\par}"

    assert [element.text for element in read(written("a.rtf", text.encode())).elements] == [
        "The quick brown fox"
    ]


@pytest.mark.data
def test_the_rich_text_of_starwriter_is_read(read, real_data):
    parsed = read(real_data / "documents" / "normal" / "tika__testRTFIgnoredControlWord.rtf")

    assert [element.text for element in parsed.elements] == [
        "The quick brown fox jumps over the lazy dog"
    ]
