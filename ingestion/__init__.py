"""Documents and their index: from bytes to searchable chunks.

Main lines: `add_documents()` in documents/services.py stores and queues documents; `index()` in
pipeline/indexing.py indexes a claimed one: parse → split → embed → publish.

api/            API views and serializers
doctor          checks of `manage.py doctor` about documents
document_terms  term IDs and weights of whole documents
documents/      actions on documents: add, versions, bulk actions, filters
errors/         exceptions and their sentences
file_names      clean names for documents
index/          embedding spaces, vector indexes, fingerprints, cached vectors
lexical_terms   term IDs and BM25 weights of chunks
models/         Django models
parsing/        from bytes to elements, in child processes
pipeline/       from a claimed document to the index
queue/          claims, leases, wake-up messages, run records
samples/        sample documents
sources/        web pages, watched folders, uploads in parts
storage/        bytes on disk, their integrity, parse cache
tasks           Celery tasks
transfer/       uploads and downloads over HTTP
views/          pages
web_addresses   normal form of URLs
worker/         loop of a worker
"""
