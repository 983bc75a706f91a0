"""The API of accounts.

accounts        tokens, the caller, users and groups
asynchronous    asynchronous API views
authentication  bearer tokens
permissions     views for administrators only
schema          authentication in the OpenAPI schema
serializers     users, groups and tokens as JSON
"""
