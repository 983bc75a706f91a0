"""From a question, passages and history to the messages for a model.

Main line: `build()` in builder.py.

builder      the prompt, within the model's context
passages     a chunk with the number that it is cited by
pinned       what of the pinned documents goes into a prompt
readiness    how many documents of a workspace can be found yet
suggestions  questions that a workspace's start page offers
wording      words of our own in answers and prompts, by language
"""
