"""API views of documents.

bulk                one action on many documents
documents           list, add, show, retry, cancel, delete
elements            elements in the JSON format of Unstructured
runs                the processing history of a document
serializers         documents and chunks as JSON
source_serializers  uploads in parts and watched folders as JSON
sources             uploads in parts, watched folders
upload_response     the response to an upload, a row for each file
versions            versions, and name conflicts
"""
