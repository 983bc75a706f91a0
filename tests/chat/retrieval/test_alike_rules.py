"""Twenty rules alike but for branch, year and figures: the built-in answer begins with the sentence that answers."""

import pytest
from support import branch_rules
from support.quotable_passage import Quotable

from chat import retrieval
from ingestion.parsing import detect_media_type, parse
from ingestion.pipeline.chunking import split
from providers.builtin.sentence_ranking import best_sentences


@pytest.mark.parametrize("layout", branch_rules.LAYOUTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_line_has_the_answer_from_the_right_document(
    workspace, reader, indexed, tmp_path, language, layout
):
    for name, data in branch_rules.files(language, layout).items():
        path = tmp_path / name
        path.write_bytes(data)
        pieces = split(parse(path, detect_media_type(path, name), name=name).rows().elements)
        indexed(
            workspace,
            name,
            *(piece.text for piece in pieces),
            headings=[piece.headings for piece in pieces],
        )

    wrong = []
    for question in branch_rules.questions(language, layout)[
        ::7
    ]:  # Each kind of question, each branch, each year.
        hits = retrieval.search_for_prompt(reader, workspace, question.text).hits
        found = [
            Quotable(n, hit.text, hit.headings, hit.document.name)
            for n, hit in enumerate(hits, start=1)
        ]
        first = best_sentences(question.text, found)[0]
        if (
            question.answer not in first.text
            or found[first.n - 1].document_name != question.document
        ):
            wrong.append((question.text, first.text))

    assert wrong == []
