"""The built-in models: they need no network, no configuration and no server.

Main line: `Extractive.stream()`: cut passages into sentences → rank them for the question → cite
the best.

answer_types       types of answers, with patterns of their questions and sentences
extractive         builtin/extractive: answers with sentences of the passages
passage_sentences  splits passages into candidate sentences
sentence_ranking   ranks sentences for a question
source             the built-in models as a source of the registry
static_embedding   builtin/static: a vector for each token, averaged
"""
