"""Answers run by themselves: this starts and stops them, and finds and follows them; readers only watch.

Main line: `start()` in service.py: store question and answer row → `Answer` in runner.py → `write()` in generation.py:
look up → build the prompt → stream from the model → save.

context              what is read before an answer: model, history, passages
draft                the answer so far, told as events while it grows
events/              the numbered events of an answer, in this process and in others
generation           writes one answer
lifespan             start and stop of the server process
lookup_barrier       models wait while questions of the same person are still looked up
query_rewriting      has a model rewrite a question that leans on earlier ones
request              all that is known when an answer begins
runner               the task that runs one answer, saves it and ends it
running_answers      the answers of this process, by their ids
service              start, find and stop answers
standalone_question  what is searched for where a question leans on earlier ones
storage/             rows of questions and answers while they are written
"""

from chat.answering.events.subscription import follow
from chat.answering.service import find, shut_down, start, start_for, stop
from chat.answering.storage.unstored import check_room, start_unstored

__all__ = ["check_room", "find", "follow", "shut_down", "start", "start_for", "start_unstored", "stop"]
