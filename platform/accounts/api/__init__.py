"""Accounts for programs.

accounts        tokens, oneself, users and groups
asynchronous    asynchronous API views with the same rules
authentication  bearer tokens
permissions     who may use the calls of administrators
schema          authentication in the OpenAPI schema
serializers     people, groups and tokens as JSON
"""
