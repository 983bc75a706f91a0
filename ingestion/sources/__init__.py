"""Where documents come from besides an upload.

background       slow work in a thread beside maintenance
folders/         watched folders
materialize      fetches web pages in a worker and adds their bytes
partial_uploads  uploads in parts
web/             web pages: addresses, fetching, robots.txt
"""
