"""Pages of documents.

document       one document
document_list  the list, adding to it, actions on many
formats        "What can I add?"
run_history    what was done to a document
sources        web pages and watched folders
versions       versions of a document
"""
