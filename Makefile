# The verbs of this repository. Everything they need lives in .venv; nothing is installed elsewhere.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := .venv/bin/uv
RUN := .venv/bin/python
# An organisation's own certificates are the system's; uv looks elsewhere by default.
export UV_SYSTEM_CERTS ?= true
# Where the environment forbids to keep compiled bytecode, every process would compile all that it imports: seconds each.
unexport PYTHONDONTWRITEBYTECODE
INSTALLED := .venv/.installed
INSTALLED_DEV := .venv/.installed-dev

.PHONY: help up test check css messages bench lock

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

.venv/bin/uv:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/it."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, this is $$($(PYTHON) -V); set PYTHON=/path/to/it."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check uv

$(INSTALLED): .venv/bin/uv pyproject.toml uv.lock
	@$(UV) sync --frozen --inexact --quiet --no-dev
	@touch $@

$(INSTALLED_DEV): $(INSTALLED)
	@$(UV) sync --frozen --inexact --quiet
	@touch $@

up: $(INSTALLED) ## run the server: database, web, workers
	@exec $(RUN) manage.py up

test: check ## what CI runs
	@exec $(RUN) -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) --dist loadfile --no-loadscope-reorder

check: $(INSTALLED_DEV) ## formatting, lint, types, templates
	@$(RUN) -m ruff format --check --quiet .
	@$(RUN) -m ruff check --quiet .
	@$(RUN) -m mypy
	@$(RUN) -m djlint --lint --quiet templates

css: ## compile static/css/app.css (needs Node)
	npm --prefix frontend ci --silent && npm --prefix frontend run --silent css

messages: $(INSTALLED_DEV) ## collect and compile translations (needs gettext)
	@$(RUN) manage.py makemessages --locale zh_Hans --no-obsolete --no-wrap --add-location file $(addprefix --ignore=,.venv frontend var tests)
	@sed -i.old -e '/^"POT-Creation-Date/d' locale/*/LC_MESSAGES/django.po && rm locale/*/LC_MESSAGES/django.po.old
	@$(RUN) manage.py compilemessages --ignore .venv

bench: $(INSTALLED_DEV) ## measure speed and memory, see tests/bench/README.md
	@exec $(RUN) tests/bench $(PARTS)

lock: .venv/bin/uv ## take newer versions of the libraries
	$(UV) lock --upgrade
