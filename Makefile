# Requires make and Python 3.11 or newer. A target that needs more says so.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup run migration token doctor test check lint types test-all format lock clean

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# uv removes what it did not install. Once it has used .venv, which its .lock shows, make has another one.
VENV := $(if $(wildcard .venv/.lock),.venv-make,.venv)
BIN := $(VENV)/bin
export PIP_USER := 0
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ARGS ?=

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# It records that the lock files are installed.
READY := $(VENV)/.dev

# A system upgrade can remove its Python, and a move of the checkout breaks its scripts.
$(shell test ! -e $(VENV) || test -x $(BIN)/python -a "$$(cat $(VENV)/.path 2>&1)" = "$$(pwd -P)" || \
	{ echo "$(VENV) does not work here any more: creating it again" >&2; rm -rf $(VENV); })

setup: $(READY) ## create .venv from the lock files (every target does this when needed)

PACKAGES := ./packages/fastapi-okta-auth ./packages/local-okta
# --no-build-isolation: the build backend is in the lock file too.
$(READY): requirements/runtime.txt requirements/dev.txt packages/*/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is required: install it, or set PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) lacks the venv module: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) ..." >&2
	@$(PYTHON) -m venv $(VENV) >&2
	@$(PIP) --require-hashes -r requirements/runtime.txt -r requirements/dev.txt >&2
	@$(PIP) --no-deps --no-build-isolation $(PACKAGES:%=-e %) >&2
	@pwd -P >$(VENV)/.path
	@touch $@

run: $(READY) ## start a local Okta and what uses it; with your org in .env, the API
	@$(BIN)/python -m dev.run

migration: $(READY) ## write a database migration with what the models have (NAME=add_a_category)
	@test -n "$(NAME)" || { echo "NAME is required: make migration NAME=add_a_category" >&2; exit 1; }
	@$(BIN)/python -m dev.migration $(NAME)

GET_TOKEN = $(MAKE) --silent $(READY) && $(BIN)/python -m local_okta token $(ARGS)
token: ## print an access token of the local Okta (ARGS="--user grace@example.com --scope ...")
	@$(GET_TOKEN)

doctor: $(READY) ## check settings, issuer, clock and keys (ARGS="--token -" reads a token, ARGS=--json)
	@$(BIN)/python -m dev.doctor $(ARGS)

# A part that is not here has no targets. The app's come first, so that an old Node is found at once.
-include frontend/frontend.mk deploy/compose/compose.mk

PYTEST := $(BIN)/python -m pytest
PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder
# A path in ARGS runs all of its tests.
test: $(READY) ## run the tests that a change needs (ARGS=tests/app runs one folder)
	@$(PYTEST) $(if $(findstring tests/,$(ARGS)),,$(PARALLEL) -m "not slow") $(ARGS)

check: lint types test-all ## run all checks: format, lint, types, tests

test-all: $(READY)
	@$(PYTEST) $(PARALLEL) $(COVERAGE) $(ARGS)

# python -m, because a script of pip's does not start where the path has a space and a dollar sign.
lint: $(READY)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .

types: $(READY)
	@$(BIN)/python -m mypy

format: $(READY) ## format the code and fix what ruff can fix
	@$(BIN)/python -m ruff check --fix --quiet .
	@$(BIN)/python -m ruff format .

UV := command -v uv >/dev/null || { echo "uv is required: pipx install uv, or see https://docs.astral.sh/uv" >&2; exit 1; }
# --no-strip-extras: pip before 24.0 does not match x[y] with a pin of x alone.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-strip-extras --no-emit-package fastapi-okta-auth --no-emit-package local-okta \
	--custom-compile-command "make lock" $(ARGS)
lock:: ## write requirements/ from pyproject.toml (needs uv; ARGS=--upgrade for newer versions)
	@$(UV)
	@$(COMPILE) pyproject.toml --group build -o requirements/runtime.txt
	@$(COMPILE) --group dev -c requirements/runtime.txt -o requirements/dev.txt

clean:: ## remove everything that these commands created
	@rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What only this repository has, or else what only a service has.
-include $(firstword $(wildcard dev/workshop.mk dev/update.mk))
