"""Answers run by themselves: this starts and stops them, and finds and follows them; whoever reads one is a viewer.

log: the numbered events of one answer. draft: what it has come to. writing: search, prompt, model. running: the task
that watches the writer. keeping, saving: its row. following: readers. orphans: rows whose writer died.
"""

from chat.answering.control import find, shut_down, start, start_for, stop
from chat.answering.following import follow
from chat.answering.unstored import check_room, start_unstored

__all__ = ["check_room", "find", "follow", "shut_down", "start", "start_for", "start_unstored", "stop"]
