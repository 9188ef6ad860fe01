# Needs Python 3.11 or newer and make; what else a target needs, it names.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup run token test doctor bench fuzz soak check lint types format lock clean

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
READY := .venv/.ready
ARGS ?=

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from the hashed lock files (every target below does it when needed)

$(READY): requirements.txt requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) lacks the venv module: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) ..." >&2
	@$(PYTHON) -m venv .venv >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt >&2
	@touch $@

run: $(READY) ## a local Okta on :9000 and the API on :8000; only the API where OKTA_ISSUER is a real org
	@$(BIN)/python -m dev.run

token: $(READY) ## print an access token of the local Okta (ARGS="--user grace@example.com --scope ...")
	@$(BIN)/python -m local_okta.token $(ARGS)

test: $(READY) ## run the tests, with branch coverage
	@$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term $(ARGS)

doctor: $(READY) ## check settings, issuer, clock and keys (ARGS="--token -" reads a token, ARGS=--json)
	@$(BIN)/python -m dev.doctor $(ARGS)

bench: $(READY) ## measure what verification costs, beside the rivals (needs wrk; Node for its rows)
	@command -v wrk >/dev/null || { echo "wrk is needed (Debian: apt-get install wrk)" >&2; exit 1; }
	@if command -v npm >/dev/null; then npm --prefix bench/node ci --silent; fi
	@$(BIN)/python -m bench $(ARGS)

fuzz: $(READY) ## fuzz the reading of headers and tokens for a minute (ARGS=seconds); finds join the corpus
	@$(BIN)/python -m fuzz $(ARGS)

soak: $(READY) ## load the service while its key server fails, for a minute (ARGS=seconds)
	@$(BIN)/python -m tests.soak $(ARGS)

check: lint types test ## all that CI runs

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY)
	@$(BIN)/mypy

format: $(READY) ## format the code, mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

# The versions of both files agree: the second takes the first as its constraint.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock"
lock: ## write the lock files anew from pyproject.toml (needs uv; ARGS=--upgrade for newer versions)
	@command -v uv >/dev/null || { echo "uv is needed: pip install uv" >&2; exit 1; }
	@$(COMPILE) $(ARGS) pyproject.toml -o requirements.txt
	@$(COMPILE) $(ARGS) --group local-okta -c requirements.txt -o requirements-local-okta.txt
	@$(COMPILE) $(ARGS) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove .venv and what the tools left behind
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov
