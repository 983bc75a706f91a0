"""HTTP with model servers of all protocols.

channels     reads the channels of gpt-oss
chat_stream  a chat model behind a server: sends, reads events, keeps time limits
client       one call with a JSON answer, or a stream of lines
code_spans   whether a streamed text is inside Markdown code
errors       faults of model servers, each with a code and a sentence
pools        HTTP clients that all connections share
refusals     maps error responses to faults
think_tags   splits thoughts from the answer
timeouts     time limits of requests and streams
transports   limits below the HTTP clients: headers, bytes of errors
"""
