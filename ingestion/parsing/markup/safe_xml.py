"""Untrusted XML, parsed without entities, document types or network."""

from typing import Any

from lxml import etree

from ingestion.errors.exceptions import CORRUPT, UnreadableDocument


def parse_xml(data: bytes, *, recover: bool = False) -> Any:
    """The root element of `data`, without expanding entities or fetching anything.

    `recover` repairs broken XML. Raises UnreadableDocument if there is no XML.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=recover, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise UnreadableDocument(CORRUPT) from exc
    if root is None:
        raise UnreadableDocument(CORRUPT)
    return root
