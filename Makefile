# Requires make and Python 3.11 or newer. A target that needs more says so.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup run token doctor test check node lint types frontend test-all e2e format new template-matrix \
	test-lowest test-newest wheels bench fuzz soak reference docs policy lock audit clean up down logs smoke

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

# Each of these files records that the lock file of the same name is installed.
READY := $(VENV)/.dev
WORKSHOP := $(VENV)/.workshop

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

$(WORKSHOP): requirements/workshop.txt $(READY)
	@echo "Installing $< ..." >&2
	@$(PIP) --require-hashes -r $< >&2
	@touch $@

NODE_MODULES := frontend/node_modules/.package-lock.json
node:
	@node --version 2>/dev/null | awk -F '[v.]' '{ ok = $$2 * 100 + $$3 >= 2218 } END { exit !ok }' && \
		command -v npm >/dev/null || { \
		echo "Node 22.18 or newer is required, with npm: see https://nodejs.org/download, or run: nvm install 22" >&2; \
		exit 1; }

%/node_modules/.package-lock.json: %/package-lock.json | node
	@npm --prefix $* ci --loglevel error >&2
	@touch $@

run: $(READY) ## start a local Okta and what uses it; with your org in .env, the API
	@$(BIN)/python -m dev.run

.PHONY: migration
migration: $(READY) ## write a database migration with what the models have (NAME=add_a_category)
	@test -n "$(NAME)" || { echo "NAME is required: make migration NAME=add_a_category" >&2; exit 1; }
	@$(BIN)/python -m dev.migration $(NAME)

# Without .venv, in the containers of `make up`.
TOKEN = if [ ! -e $(READY) ] && [ -n "$$(docker compose ps --quiet --status running local-okta 2>/dev/null)" ]; then \
		docker compose exec -T local-okta local-okta token $(ARGS); \
	else \
		$(MAKE) --silent $(READY) && $(BIN)/python -m local_okta token $(ARGS); \
	fi
token: ## print an access token of the local Okta (ARGS="--user grace@example.com --scope ...")
	@$(TOKEN)

doctor: $(READY) ## check settings, issuer, clock and keys (ARGS="--token -" reads a token, ARGS=--json)
	@$(BIN)/python -m dev.doctor $(ARGS)

PYTEST := $(BIN)/python -m pytest
PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder --ignore tests/smoke
# A path in ARGS runs all of its tests.
test: $(READY) ## run the tests that a change needs (ARGS=tests/okta runs one folder)
	@$(PYTEST) $(if $(findstring tests/,$(ARGS)),,$(PARALLEL) -m "not slow") $(ARGS)

# Node first, because it is what a machine lacks; the app before the tests, because some need its packages.
check: node lint types frontend test-all e2e ## run all checks: format, lint, types, tests

test-all: $(WORKSHOP)
	@$(PYTEST) $(PARALLEL) --cov --cov-report=term $(ARGS)

# python -m, because a script of pip's does not start where the path has a space and a dollar sign.
lint: $(WORKSHOP)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/zizmor --offline --quiet --no-progress .github
	@$(BIN)/python -m check_jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/python -m check_jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml

types: $(WORKSHOP)
	@$(BIN)/python -m mypy
	@$(BIN)/python -m mypy packages/local-okta/tests

format: $(WORKSHOP) ## format the code and fix what ruff can fix
	@$(BIN)/python -m ruff check --fix --quiet .
	@$(BIN)/python -m ruff format .

frontend: $(NODE_MODULES) ## check, test and build the app in frontend/ (needs Node)
	@npm --prefix frontend run --silent check

new: $(WORKSHOP) ## make a service of your own from this repository (DEST=../my-service; ARGS=--defaults asks nothing)
	@test -n "$(DEST)" || { echo "DEST is required: make new DEST=../my-service" >&2; exit 1; }
	@$(BIN)/copier copy --quiet --vcs-ref HEAD $(ARGS) "$(CURDIR)" "$(DEST)"
	@printf '\nGenerated. Next:\n\n  cd %s\n  make run     # starts it, and prints a curl command to try\n  make test\n' "$(DEST)"

template-matrix: $(WORKSHOP) ## generate twelve services and run their checks (needs Node and Docker)
	@TEMPLATE_MATRIX=1 $(BIN)/python -m pytest tests/template -o python_files='test_*.py everything.py' $(ARGS)

UV := command -v uv >/dev/null || { echo "uv is required: pip install uv" >&2; exit 1; }
# Old releases warn about newer ones. The newest versions are not those of the lock file, which Dependabot updates once a week.
test-lowest: RESOLUTION := lowest-direct
test-newest: RESOLUTION := highest
test-lowest test-newest: $(READY) ## test fastapi-okta-auth with the lowest or newest versions it allows (needs uv)
	@$(UV)
	@uv venv --quiet --clear --python $(BIN)/python .venv-range
	@uv pip compile --quiet --no-header --no-annotate --python .venv-range --resolution $(RESOLUTION) \
		--all-extras packages/fastapi-okta-auth/pyproject.toml -o .venv-range/versions.txt
	@uv pip install --quiet --python .venv-range --group dev \
		-r .venv-range/versions.txt --override .venv-range/versions.txt -e ./packages/fastapi-okta-auth
	@.venv-range/bin/python -m pytest -W default packages/fastapi-okta-auth/tests -n 4 --dist loadfile $(ARGS)

wheels: $(READY) ## build the packages into dist/
	@$(PIP:install=wheel) --no-deps --no-build-isolation --wheel-dir dist $(PACKAGES)

BENCH_MODULES := bench/node/node_modules/.package-lock.json
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

e2e: $(NODE_MODULES) $(READY) ## test the app, the API and the local Okta in a browser (needs Node, Chromium and nginx)
	@test -n "$(CHROMIUM)" || { echo "Chromium is required (Debian: apt-get install chromium)" >&2; exit 1; }
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || { echo "nginx is required (Debian: apt-get install nginx-light)" >&2; exit 1; }
	@CHROMIUM="$(CHROMIUM)" npm --prefix frontend run --silent e2e

bench: $(WORKSHOP) $(if $(shell command -v npm),$(BENCH_MODULES)) ## measure the cost of verification (needs wrk; Node for its rows)
	@command -v wrk >/dev/null || { echo "wrk is required (Debian: apt-get install wrk)" >&2; exit 1; }
	@$(BIN)/python -m bench $(ARGS)

fuzz: $(WORKSHOP) ## fuzz the parsing of headers and tokens for a minute (ARGS=seconds)
	@$(BIN)/python -m tests.fuzz $(ARGS)

soak: $(READY) ## load the service for a minute while its key server fails (ARGS=seconds)
	@$(BIN)/python -m tests.support.soak $(ARGS)

reference: $(READY) ## write docs/reference/settings.md from the code
	@$(BIN)/python -m dev.reference

DOCS := .venv-docs
$(DOCS)/.ready: requirements/docs.txt
	@$(PYTHON) -m venv $(DOCS) >&2
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@

# The pages have the same paths in .docs as in the repository, so that links work in both. Not --quiet: it
# hides the warnings that --strict counts.
docs: $(DOCS)/.ready ## build the documentation into site/; a warning fails the build
	@rm -rf .docs
	@mkdir -p .docs/deploy
	@cp -r README.md CHANGELOG.md LICENSE docs .docs
	@cp -r deploy/observability .docs/deploy
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/python -m mkdocs build --strict

CHECKOV = uv tool run --quiet checkov@3.3.30 --quiet --compact --skip-download --config-file deploy/checkov.yaml
policy: $(WORKSHOP) ## check the manifests, Dockerfiles and workflows against checkov's policies (needs uv)
	@$(UV)
	@for overlay in deploy/kubernetes/overlays/*/; do \
		$(BIN)/kubectl kustomize $$overlay >.manifests.yaml && \
		$(CHECKOV) --framework kubernetes --file .manifests.yaml || exit 1; done; rm -f .manifests.yaml
	@$(CHECKOV) --framework dockerfile --file Dockerfile frontend/Dockerfile
	@$(CHECKOV) --framework github_actions --directory .github

# --no-strip-extras: pip before 24.0 does not match x[y] with a pin of x alone.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-strip-extras --no-emit-package fastapi-okta-auth --no-emit-package local-okta \
	--custom-compile-command "make lock" $(ARGS)
lock: ## write requirements/ from pyproject.toml (needs uv; ARGS=--upgrade for newer versions)
	@$(UV)
	@$(COMPILE) pyproject.toml --group build -o requirements/runtime.txt
	@$(COMPILE) --group dev -c requirements/runtime.txt -o requirements/dev.txt
	@$(COMPILE) --group workshop -c requirements/runtime.txt -c requirements/dev.txt -o requirements/workshop.txt
	@$(COMPILE) --group docs -o requirements/docs.txt

# Without --strict, pip-audit succeeds when it could not look a package up. The ignored vulnerability is a timing
# attack on signing with ecdsa, which has no fix; checkov requires ecdsa and signs nothing.
AUDIT := uv tool run --quiet pip-audit@2.10.1 --ignore-vuln GHSA-wj6h-64fc-37mp --strict --progress-spinner off --require-hashes --disable-pip
audit: ## look for known vulnerabilities in all lock files (needs the network, uv and Node)
	@$(UV)
	@for lock in requirements/*.txt; do $(AUDIT) -r $$lock || exit 1; done
	@for folder in frontend bench/node; do npm --prefix $$folder audit --omit=dev || exit 1; done

clean: ## remove everything that these commands created
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
	@rm -rf frontend/node_modules frontend/dist frontend/*.tsbuildinfo
	@rm -rf .venv-* .node .docs site .hypothesis .coverage .coverage.* htmlcov frontend/test-results bench/node/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Containers. With an org in .env or the environment, the local Okta is not started.
ENGINE := docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1 || \
	{ echo "Docker with compose is required, and its engine has to run" >&2; exit 1; }
STARTED := echo "The app: http://localhost:$$(docker compose port frontend 8080 | cut -d: -f2)   (stop it: make down)"
up: ## run the local Okta and what uses it in containers; waits until all are healthy
	@$(ENGINE)
	@config=$$(docker compose config) || exit 1; \
	case "$$(echo "$$config" | sed -n 's/^ *OKTA_ISSUER: //p' | head -1)" in \
		http://localhost:*) export OKTA_ISSUER=; services= ;; \
		*) services="backend frontend" ;; \
	esac; docker compose up --detach --build --wait $$services && $(STARTED)

# These need no settings, but the compose file requires OKTA_CLIENT_ID where OKTA_ISSUER is set.
down logs: export OKTA_CLIENT_ID := unused
down: ## stop and remove the containers; the database keeps its data
	@$(ENGINE)
	@docker compose down --remove-orphans

logs: ## follow the logs of the containers
	@$(ENGINE)
	@docker compose logs --follow --tail 100

smoke: $(READY) ## build the images, run them and test them (needs Docker)
	@$(ENGINE)
	@$(BIN)/python -m pytest tests/smoke --timeout 400 $(ARGS)
