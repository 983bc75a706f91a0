"""Connections to model servers, as administrators add and check them.

Main line: `services.create_connection()` → `check_connection()` → `checks.check()` → `discovery.save_models()`.

api          connections and models for programs
cache        what the database says of connections, as this process last read it
checks       tries a connection as a caller would
defaults     models that workspaces use where they name none
discovery    keeps rows of the models that a server lists
doctor       what `manage.py doctor` checks of connections
factory      from a connection, or a protocol and an address, to its server
forms        what administrators type
pull         has an Ollama server fetch a model
refresh      looks at all lists of models from time to time
serializers  connections and models as JSON
services     rules of adding, changing and removing
source       the models of connections as a source of the registry
views        pages for administrators
"""
