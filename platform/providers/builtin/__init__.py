"""The built-in models: they need no network, no configuration and no server.

Main line: `Extractive.stream()`: cut passages into sentences → rank them for the question → cite
the best.

answer_types       the kind of answer that a question asks for, and how a sentence that holds one looks
extractive         builtin/extractive: answers with sentences of the passages
passage_sentences  cuts passages into sentences that may answer
sentence_ranking   ranks sentences for a question
source             the built-in models as a source of the registry
static_embedding   builtin/static: a vector for each token, averaged
"""
