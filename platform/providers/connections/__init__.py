"""Connections to model servers, as administrators add and check them.

Main line: `services.create_connection()` → `check_connection()` → `checks.check()` →
`discovery.save_models()`.

api          connections and models for programs
cache        a snapshot of connections and server settings
checks       checks a connection by using it as callers do
defaults     the server's defaults of workspace settings
discovery    saves the models that a server offers
doctor       the check of `manage.py doctor`
factory      from a connection, or a protocol and an address, to its server
forms        forms of connections and models
pull         pulls a model on an Ollama server
refresh      refreshes the lists of models
serializers  connections and models as JSON
services     writes around connections and models
source       the models of connections as a source of the registry
views        pages for administrators
"""
