"""Errors of ingestion: exceptions, codes, and a sentence for each code.

exceptions  UnreadableDocument, ParsingCancelled
fetching    sentences about web pages and watched folders
messages    sentences about processing
reading     sentences about documents that cannot be read
"""
