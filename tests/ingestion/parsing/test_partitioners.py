"""Programs that use `unstructured` get the elements of our readers."""

import pytest
from unstructured.documents.elements import Element
from unstructured.partition.auto import partition

import ingestion.parsing.partitioners  # noqa: F401 - registers the readers


@pytest.mark.parametrize(
    "name", ["bees.docx", "library.pptx", "knots.md", "tea.html", "rehearsal.eml"]
)
def test_partition_returns_the_elements_of_our_reader(fixtures, read, name):
    elements = partition(str(fixtures / name))

    assert [(element.category, element.text) for element in elements] == [
        (row.type, row.text) for row in read(name).elements
    ]
    assert len({element.id for element in elements}) == len(elements)
    assert {element.metadata.filename for element in elements} == {name}


def test_partition_takes_an_open_file(fixtures):
    with (fixtures / "bees.docx").open("rb") as file:
        elements = partition(file=file)

    assert all(isinstance(element, Element) for element in elements)
    assert any(element.metadata.text_as_html for element in elements)
    assert any(element.metadata.parent_id for element in elements)
