"""Rows of ingestion. The rows are the queue: a document's status decides its next step.

documents  Blob, Document, Chunk, EmbeddingSpace, Embedding: what was given to us and what the index knows of it
runs       Run: what was done to a document once
sources    WebPage, PartialUpload, WatchedFolder, WatchedFile: how documents come besides an upload in one piece
versions   Version, PastChunk: what a document was, is or is to be
"""

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
