"""The index over chunks.

active_space  which embedding space the searches of a workspace use
document_index  entries for documents as wholes
fingerprint   how the chunks of a document were made, as text that can be compared
hnsw          HNSW indexes of large workspaces
removal       takes documents out of the index
spaces        the embedding space of a model
vector_cache  vectors that are known already
"""
