"""HTTP requests to model servers, for all protocols.

channels     reader of the channels of gpt-oss
chat_stream  base class of chat models on a server: requests, events, time limits
client       calls with a JSON answer, and streams of lines
code_spans   whether a streamed text is inside Markdown code
errors       errors of model servers, each with a code and a sentence
pools        HTTP clients that all connections share
refusals     from error responses to errors
think_tags   separates reasoning from the answer
timeouts     time limits of requests and streams
transports   limits below the HTTP clients: headers, bytes of errors
"""
