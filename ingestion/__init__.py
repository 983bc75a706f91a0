"""From bytes to an index: documents, their chunks, and the work that makes one from the other.

Main lines: `add_documents()` in documents/services.py stores and queues documents; `index()` in
pipeline/indexing.py indexes a claimed one: parse → split → embed → publish.

api/            documents for programs
doctor          what `manage.py doctor` checks of documents
documents/      what people do with documents: add, versions, bulk actions, filters
errors/         exceptions and their sentences
file_names      what a document may be called
index/          embedding spaces, vector indexes, fingerprints, cached vectors
lexical_terms   a chunk's side of keyword search
models/         rows
parsing/        from bytes to elements, in child processes
pipeline/       from a claimed document to the index
queue/          which document a worker takes next; leases, wake-up calls, run log
samples/        a document to try things out
sources/        web pages, watched folders, uploads in parts
storage/        bytes on disk, their integrity, parsed texts
tasks           Celery entry points
transfer/       uploads and downloads over HTTP
views/          pages
web_addresses   what counts as the address of a web page
worker/         the loop of a worker
"""
