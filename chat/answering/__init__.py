"""Answers: start, write, follow and stop. An answer runs in its own task; its readers only watch.

Main line: `start()` in service.py stores the question (storage/answer_store.py) → `Answer` in
runner.py watches the writer and saves the draft → `write()` in generation.py looks up, builds the
prompt and streams from the model into the draft.

draft            the answer so far, reported as events while it grows
events/          the numbered events of an answer, in this process and in others
generation       `write()`: writes one answer; its database reads before and during the search
lifespan         start-up and shutdown of a server process
lookup_barrier   models wait while other questions of the same person are looked up
query_rewriting  from a follow-up question to a query that stands alone
request          the inputs of an answer
runner           the task of one answer, which saves the answer; the answers of this process
service          start, find and stop answers
storage/         rows of questions and answers
"""

from chat.answering.events.subscription import follow
from chat.answering.service import check_room, find, shut_down, start, start_unstored, stop

__all__ = ["check_room", "find", "follow", "shut_down", "start", "start_unstored", "stop"]
