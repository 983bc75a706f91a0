"""Models of ingestion. The documents' rows are the queue: the status decides the next step.

document_terms  DocumentTerms: the index entry of a whole document
documents  Blob, Document, Chunk, EmbeddingSpace, Embedding: documents and their index
runs       Run: one run of indexing
sources    WebPage, PartialUpload, WatchedFolder, WatchedFile: sources of documents besides plain uploads
versions   Version, PastChunk: past, present and future bytes of a document
"""

from ingestion.models.document_terms import DocumentTerms
from ingestion.models.documents import (
    TITLE_LENGTH,
    Blob,
    Chunk,
    Document,
    Embedding,
    EmbeddingSpace,
    Serving,
    UnpublishedVector,
)
from ingestion.models.runs import Run
from ingestion.models.sources import PartialUpload, WatchedFile, WatchedFolder, WebPage
from ingestion.models.versions import PastChunk, Version

__all__ = [
    "TITLE_LENGTH",
    "Blob",
    "Chunk",
    "Document",
    "DocumentTerms",
    "Embedding",
    "EmbeddingSpace",
    "PartialUpload",
    "PastChunk",
    "Run",
    "Serving",
    "UnpublishedVector",
    "Version",
    "WatchedFile",
    "WatchedFolder",
    "WebPage",
]
