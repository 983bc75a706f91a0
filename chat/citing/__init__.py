"""Citations of an answer.

quotes   the words of a passage that support a claim
scanner  citation numbers in a streamed answer
"""
