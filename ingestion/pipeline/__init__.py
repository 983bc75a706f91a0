"""From a claimed document to the index.

Main line: `index()` in indexing.py: parse → split → embed → publish. A document goes from
worker/loop.py over queue/claims.py and queue/leases.py to indexing, parse_stage, chunking, embedder
and publishing, in this order. The bytes of a new web page are fetched before, by
sources/materialize.py.

archives       unpacks an archive into documents
chunk_sizes    how many tokens a chunk may have, and how they are counted
chunking       from elements to chunks
embedder       the embedding stage: vectors of chunks, known ones first, in batches
indexing       the main line, and the errors that end in the document's row
parse_servers  which parse server reads a document
parse_stage    the stages of parsing, with the parse cache, and splitting
parser_pool    the pool of parsing processes
publishing     replaces the chunks of a document in one transaction
text_splitter  cuts a text that is too long into spans
"""
