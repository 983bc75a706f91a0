"""Prompts: from a question, passages and history to the messages for a model.

Main line: `build()` in builder.py.

builder      the prompt, within the model's context
passages     a chunk with the number that it is cited by
pinned       passages of pinned documents for a prompt
readiness    counts of the documents of a workspace that can be found
suggestions  questions for the start page of a workspace
wording      fixed sentences of answers and prompts, by language
"""
