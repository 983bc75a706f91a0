# The verbs of this repository. Everything they need lives in .venv; nothing is installed elsewhere.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := .venv/bin/uv
RUN := .venv/bin/python
STAMP := .venv/.synced
# The database's own programs and the browser tests write below here.
export PYTHONDONTWRITEBYTECODE ?= 0

.PHONY: help up test check css messages bench lock clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Reading Room needs Python 3.11 or newer; set PYTHON=/path/to/it."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing; on Debian: apt install python3-venv"; exit 1; }
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@test -x $(UV) || .venv/bin/pip install --quiet --disable-pip-version-check uv
	@$(UV) sync --frozen --inexact --quiet
	@touch $@

up: $(STAMP) ## run the server: database, web, workers
	@exec $(RUN) manage.py up

test: $(STAMP) ## what CI runs
	@exec $(RUN) -m tests.everything

check: $(STAMP) ## formatting, lint, types, templates, migrations
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy
	$(RUN) manage.py makemigrations --check --dry-run

css: ## compile static/css/app.css (needs Node)
	npm --prefix frontend ci --silent && npm --prefix frontend run --silent css

messages: $(STAMP) ## collect and compile translations (needs gettext)
	$(RUN) manage.py makemessages --all --no-obsolete --no-wrap --ignore .venv --ignore frontend --ignore var
	$(RUN) manage.py compilemessages --ignore .venv

bench: $(STAMP) ## measure speed and memory, see tests/bench/README.md
	@exec $(RUN) -m tests.bench

lock: $(STAMP) ## take newer versions of the libraries
	$(UV) lock --upgrade
