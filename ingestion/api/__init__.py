"""The API of documents.

bulk                one action on many documents
documents           list, add, show, try again, cancel, delete
elements            elements as the JSON of `unstructured`
runs                what was done to a document
serializers         documents and chunks as JSON
source_serializers  uploads in parts and watched folders as JSON
sources             uploads in parts, watched folders
upload_response     the response to an upload, a row for each file
versions            versions, and names that are taken
"""
