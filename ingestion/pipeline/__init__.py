"""From a claimed document to the index.

Main line: `index()` in indexing.py: parse → split → embed → publish.

archives       an archive becomes the documents in it
binary_copy    values for a binary COPY
chunk_sizes    how many tokens a chunk may have, and how they are counted
chunking       from elements to chunks
embed_stage    embeds the texts of one or more documents
embedder       vectors of texts, known ones first, in batches
indexing       the main line, and what becomes of errors
parse_servers  parse servers: which one reads a document
parse_stage    parse, or take the cached text, and split
parser_pool    the pool of parsing children of this process
publishing     replaces the chunks of a document in one transaction
text_splitter  cuts a text that is too long into spans
"""
