"""What can go wrong, with a sentence for each code.

exceptions  UnreadableDocument, ParsingCancelled
fetching    sentences about web pages and watched folders
messages    sentences about the work around a document
reading     sentences about documents that cannot be read
"""
