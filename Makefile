# The one menu: whatever a person or CI does here is a target of this file.
# Every target makes its own environment first, in seconds when nothing changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
DOUGONG := $(BIN)/dougong
# What pip installs from, and what the browser files are built from.
SOURCES := setup.cfg pyproject.toml setup.py $(wildcard build_backend/*.py) \
	$(wildcard ui_templates/assets/package*.json ui_templates/assets/build.mjs) \
	$(shell find ui_templates/assets/src -type f 2>/dev/null)

# Of `make demo`.
export HOST ?= 127.0.0.1
export PORT ?= 8080
FRESH ?= 0
SERVE ?= 1

# Byte code is left to the first import, which needs a tenth of it.
PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile --editable

.PHONY: help env demo test check golden map bench screenshots docs

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.stamp ## .venv with the engine, the tools and the browser files

demo: $(VENV)/.runtime ## a working system with data, served at http://HOST:PORT
	@$(DOUGONG) demo --host "$(HOST)" --port "$(PORT)" \
		$(if $(filter 1,$(FRESH)),--fresh) $(if $(filter 0,$(SERVE)),--no-serve)

test: $(VENV)/.stamp ## the whole suite: lint, types, imports, definitions, every test
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(DOUGONG) check metadata
	@$(BIN)/pytest -n auto

check: $(VENV)/.stamp ## the same without browser and integration: before each commit
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(DOUGONG) check metadata
	@$(BIN)/pytest -n auto --quiet tests/unit tests/house

golden: $(VENV)/.stamp ## rewrite the golden files; read the diff
	@$(BIN)/pytest -n auto --quiet --update-golden
	@git status --short -- tests

map: $(VENV)/.stamp ## rewrite the tree in platform/README.md
	@$(BIN)/python -m dougong.testing.house

bench: $(VENV)/.stamp ## the benchmarks, each beside its floor
	@$(DOUGONG) bench

screenshots: $(VENV)/.stamp ## the pictures in docs/screens
	@$(BIN)/python -m tests.screenshots

docs: $(VENV)/.stamp ## build the documentation into site/, warnings are errors
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "docs: site/index.html"

$(BIN)/python:
	@python=""; \
	for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if command -v $$candidate >/dev/null 2>&1 && \
			$$candidate -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Dougong needs Python 3.11 or newer (with venv), and none was found on PATH." >&2; exit 1; \
	fi; \
	echo "env: making $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)

# Running needs less than developing, so `make demo` on a new machine does not wait for the tools.
$(VENV)/.runtime: $(SOURCES) | $(BIN)/python
	@echo "env: installing the engine and its browser files"
	@$(PIP_INSTALL) .
	@touch $@

$(VENV)/.stamp: $(SOURCES) | $(BIN)/python
	@echo "env: installing the engine, the tools and the browser files"
	@$(PIP_INSTALL) '.[dev]'
	@# Tests turn warnings into errors, and a module may warn when it is compiled: so before them, on all cores.
	@$(BIN)/python -W ignore -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true
	@touch $(VENV)/.runtime $@
