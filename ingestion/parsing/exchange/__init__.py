"""Elements prepared by other programs, or for them, as JSON.

docling        documents of docling (`DoclingDocument`)
elements_json  our elements as the JSON of `unstructured`
places         pages, boxes and margins, for both formats
unstructured   elements of `unstructured`
"""
