"""HTTP with model servers, whatever their protocol.

channels     reads the channels of gpt-oss
chat_stream  a chat model behind a server: sends, reads events, keeps time limits
client       one call with a JSON answer, or a stream of lines
code_spans   whether a streamed text is inside Markdown code
errors       what can go wrong with a model server, a code and a sentence each
pools        HTTP clients that all connections share
refusals     reads why a server refused
think_tags   splits thoughts from the answer
timeouts     how long a server and a silent stream are waited for
transports   limits below the HTTP clients: headers, bytes of errors
"""
