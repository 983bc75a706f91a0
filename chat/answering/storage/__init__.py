"""Rows of questions and answers while answers are written.

answer_store  stores a question, saves and ends its answer, ends answers whose process died
"""
