"""Sources of documents: watched folders, web pages, uploads in parts.

background       slow jobs in threads beside maintenance
folders/         watched folders
materialize      fetches web pages in a worker and adds their bytes
partial_uploads  uploads in parts
web/             web pages: addresses, fetching, robots.txt
"""
