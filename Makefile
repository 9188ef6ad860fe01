# Needs Python 3.11 or newer and make; what else a target needs, it names.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup run token test doctor bench fuzz soak check frontend e2e lint types format lock reference docs audit clean

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
RUN := .venv/.run
READY := .venv/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
NODE_MODULES := frontend/node_modules/.package-lock.json
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
ARGS ?=

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from the hashed lock files (every target below does it when needed)

$(RUN): requirements/runtime.txt requirements/local-okta.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) lacks the venv module: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) ..." >&2
	@$(PYTHON) -m venv .venv >&2
	@$(PIP) -r requirements/runtime.txt -r requirements/local-okta.txt >&2
	@touch $@

$(READY): $(RUN) requirements/dev.txt
	@echo "Adding what development needs ..." >&2
	@$(PIP) -r requirements/dev.txt >&2
	@touch $@

$(NODE_MODULES): frontend/package.json frontend/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed, of Node 20.19 or newer" >&2; exit 1; }
	@npm --prefix frontend ci --silent >&2

run: $(RUN) ## a local Okta on :9000, the API on :8000, the app on :3000; with a real org, the API alone
	@$(BIN)/python -m dev.run

token: $(RUN) ## print an access token of the local Okta (ARGS="--user grace@example.com --scope ...")
	@$(BIN)/python -m local_okta.get_token $(ARGS)

test: $(READY) ## run the tests, with branch coverage
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --ignore tests/smoke --cov --cov-report=term $(ARGS)

doctor: $(RUN) ## check settings, issuer, clock and keys (ARGS="--token -" reads a token, ARGS=--json)
	@$(BIN)/python -m dev.doctor $(ARGS)

bench: $(READY) ## measure what verification costs, beside the rivals (needs wrk; Node for its rows)
	@command -v wrk >/dev/null || { echo "wrk is needed (Debian: apt-get install wrk)" >&2; exit 1; }
	@if command -v npm >/dev/null; then npm --prefix bench/node ci --silent; fi
	@$(BIN)/python -m bench $(ARGS)

fuzz: $(READY) ## fuzz the reading of headers and tokens for a minute (ARGS=seconds); finds join the corpus
	@$(BIN)/python -m tests.fuzz $(ARGS)

soak: $(READY) ## load the service while its key server fails, for a minute (ARGS=seconds)
	@$(BIN)/python -m tests.support.soak $(ARGS)

check: lint types frontend test e2e ## lint, types and all tests, as CI does; smoke is apart

frontend: $(NODE_MODULES) ## format, lint, types, tests and build of the app in frontend/ (needs Node)
	@npm --prefix frontend run --silent check

e2e: $(READY) $(NODE_MODULES) ## the app, the API and the local Okta in a browser (needs Node and Chromium)
	@test -n "$(CHROMIUM)" || { echo "Chromium is needed (Debian: apt-get install chromium)" >&2; exit 1; }
	@CHROMIUM="$(CHROMIUM)" npm --prefix frontend run --silent e2e

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/zizmor --offline --quiet --no-progress .github
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml

types: $(READY)
	@$(BIN)/mypy

format: $(READY) ## format the code, mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

reference: $(READY) ## write docs/configuration.md from the code
	@$(BIN)/python -m dev.reference

DOCS := .venv-docs
$(DOCS)/.ready: requirements/docs.txt
	@$(PYTHON) -m venv $(DOCS) >&2
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

# Draws the diagrams. Material would have the reader's browser fetch it from elsewhere.
MERMAID := mermaid-11.17.2.tgz
MERMAID_SHA256 := 6ad2f42c3fc26bbf9e45cbb6d11898972573ea52b33a5f4ff51952899f950ffd
$(DOCS)/mermaid.min.js: $(DOCS)/.ready
	@command -v npm >/dev/null || { echo "npm is needed" >&2; exit 1; }
	@cd $(DOCS) && npm pack --silent $(subst -,@,$(MERMAID:.tgz=)) >/dev/null
	@cd $(DOCS) && echo "$(MERMAID_SHA256)  $(MERMAID)" | sha256sum --check --quiet
	@tar -xzmf $(DOCS)/$(MERMAID) -C $(DOCS) --strip-components 2 package/dist/mermaid.min.js

# In .docs the pages lie as in the repository, so that a link from one to another holds in both.
docs: $(DOCS)/mermaid.min.js ## build the pages as a site, into site/; a warning fails it (needs Node)
	@rm -rf .docs
	@mkdir -p .docs/deploy
	@cp -r README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE docs .docs
	@cp -r deploy/observability .docs/deploy
	@cp $(DOCS)/mermaid.min.js .docs
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet --strict

# Without --strict, pip-audit calls it a success when it could look nothing up.
AUDIT := uv tool run --quiet pip-audit@2.10.1 --strict --progress-spinner off --require-hashes --disable-pip
audit: ## ask for known vulnerabilities in what the lock files pin (needs the network, uv and Node)
	@command -v uv >/dev/null || { echo "uv is needed: pip install uv" >&2; exit 1; }
	@$(AUDIT) -r requirements/runtime.txt -r requirements/dev.txt
	@cd frontend && npm audit --omit=dev

# The versions agree: what the service runs on is the constraint of the rest.
# With their extras: else pip before 24.0 takes x[y] for unpinned as soon as there is a newer x.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-strip-extras \
	--custom-compile-command "make lock"
lock: ## write the lock files anew from pyproject.toml (needs uv; ARGS=--upgrade for newer versions)
	@command -v uv >/dev/null || { echo "uv is needed: pip install uv" >&2; exit 1; }
	@$(COMPILE) $(ARGS) pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) $(ARGS) --group local-okta -c requirements/runtime.txt -o requirements/local-okta.txt
	@$(COMPILE) $(ARGS) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	@$(COMPILE) $(ARGS) --group docs -o requirements/docs.txt
	@$(COMPILE) $(ARGS) --group node -o requirements/node.txt

clean: ## remove .venv and what the tools left behind
	@rm -rf .venv .venv-docs .docs site .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov

# Containers. With a real org in .env or the environment there is no local Okta to start.
ENGINE := docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1 || \
	{ echo "Docker with compose is needed, and its engine has to run" >&2; exit 1; }
.PHONY: up down logs smoke smoke-swarm
up: ## a local Okta, the API and the React app on :3000, in containers; waits until all are healthy
	@$(ENGINE)
	@config=$$(docker compose config) || exit 1; \
	case "$$(echo "$$config" | sed -n 's/^ *OKTA_ISSUER: //p')" in \
		http://localhost:9000/*) export OKTA_JWKS_URI=http://local-okta:9000/oauth2/default/v1/keys; services= ;; \
		*) services="backend frontend" ;; \
	esac; docker compose up --detach --build --wait $$services
	@echo "The app: http://localhost:3000   (stop it: make down)"

down: ## stop and remove the containers
	@$(ENGINE)
	@docker compose down --volumes --remove-orphans

logs: ## follow what the containers log
	@$(ENGINE)
	@docker compose logs --follow --tail 100

smoke: $(READY) ## build the images, run them on the Docker engine, look at all of it, remove it
	@$(ENGINE)
	@$(BIN)/python -m pytest tests/smoke --ignore tests/smoke/test_swarm.py --timeout 400 $(ARGS)

smoke-swarm: $(READY) ## the same for deploy/swarm: scale, update, roll back and kill under load
	@$(ENGINE)
	@$(BIN)/python -m pytest tests/smoke/test_swarm.py --timeout 400 -rP $(ARGS)
