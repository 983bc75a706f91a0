"""Connections to model servers, which administrators add and check.

Main line: `services.create_connection()` → `check_connection()` → `checks.check()` →
`discovery.save_models()`.

api          connections and models as a REST API
cache        a snapshot of connections and server settings
checks       checks a connection by the requests of its callers
defaults     the server's defaults of workspace settings
discovery    saves the models that a server offers
doctor       the check of `manage.py doctor`
factory      creates the client of a connection
forms        forms of connections and models
pull         pulls a model on an Ollama server
refresh      refreshes the lists of models
serializers  connections and models as JSON
services     writes of connections and models
source       the models of connections as a source of the registry
views        pages for administrators
"""
