"""The child processes that parse, and the limits that they set for themselves.

Main line: `ParserPool.parse()` in pool.py: borrow a child → send the path → read rows and progress
→ return the child.

confined        starts another program under the same limits
legacy_formats  why a document in an old format could not be converted
libreoffice     converts old formats
limits          memory, time, files, network
pool            the pool of children
process         one child, seen from its parent
protocol        frames of JSON between parent and child
socket_filter   a seccomp filter that refuses sockets
worker          the child itself
"""
