"""Pages of documents.

document       one document
document_list  the list, uploads, bulk actions
formats        supported formats and limits
run_history    the processing history of a document
sources        web pages and watched folders
versions       versions of a document
"""
