"""Rows of questions and answers while they are written.

answer_store  stores a question, keeps its answer up to date, ends it
orphans       ends answers whose process died
recorder      keeps an answer while it grows: in the database, or nowhere
save_batches  saves that many answers want at once, in one visit to the database
unstored      answers of which nothing is stored
"""
