# The targets that only this repository has. The Makefile includes this file.
.PHONY: lint-workflows types-apart new template-matrix test-lowest test-newest wheels e2e bench fuzz soak reference \
	docs policy audit smoke

WORKSHOP := $(VENV)/.workshop
$(WORKSHOP): requirements/workshop.txt $(READY)
	@echo "Installing $< ..." >&2
	@$(PIP) --require-hashes -r $< >&2
	@touch $@

# What the tests and mypy need in addition.
types test-all: $(WORKSHOP)
PARALLEL += --ignore tests/smoke
COVERAGE := --cov --cov-report=term

lint: lint-workflows
lint-workflows: $(WORKSHOP)
	@$(BIN)/zizmor --offline --quiet --no-progress .github
	@$(BIN)/python -m check_jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/python -m check_jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml

types: types-apart
types-apart: $(WORKSHOP)
	@$(BIN)/python -m mypy bench
	@$(BIN)/python -m mypy packages/local-okta/tests
	@$(BIN)/python -m mypy packages/fastapi-okta-auth/tests

new: $(READY) ## make a service of your own from this repository (DEST=../my-service; ARGS=--defaults asks nothing)
	@$(BIN)/python -m dev.new --check
	@$(MAKE) --silent $(WORKSHOP)
	@$(BIN)/python -m dev.new

template-matrix: $(WORKSHOP) ## generate six services and run their checks (needs Node)
	@TEMPLATE_MATRIX=1 $(PYTEST) tests/template $(ARGS)

# Old releases warn about newer ones. The newest versions are not those of the lock file, which Dependabot updates once a week.
test-lowest: RESOLUTION := lowest-direct
test-newest: RESOLUTION := highest
test-lowest test-newest: $(READY) ## test fastapi-okta-auth with the lowest or newest versions it allows (needs uv)
	@$(UV)
	@uv venv --quiet --clear --seed --python $(BIN)/python .venv-range
	@uv pip compile --quiet --no-header --no-annotate --python .venv-range --resolution $(RESOLUTION) \
		--all-extras packages/fastapi-okta-auth/pyproject.toml -o .venv-range/versions.txt
	@uv pip install --quiet --python .venv-range --group dev opentelemetry-sdk \
		-r .venv-range/versions.txt --override .venv-range/versions.txt -e ./packages/fastapi-okta-auth
	@.venv-range/bin/python -m pytest -W default packages/fastapi-okta-auth/tests -n 4 --dist loadfile $(ARGS)

wheels: $(READY) ## build the packages into dist/
	@$(PIP:install=wheel) --no-deps --no-build-isolation --wheel-dir dist $(PACKAGES)

# What this repository asks of its own app besides: the coverage in vite.config.ts, and the size in size.ts.
frontend: APP_ARGS := --coverage
check: size
.PHONY: size
size: frontend
	@npm --prefix frontend run --silent size

check: e2e
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
	@cd packages/fastapi-okta-auth/tests && "$(CURDIR)/$(BIN)/python" -m fuzz $(ARGS)

soak: $(READY) ## load the service for a minute while all that it needs fails (needs PostgreSQL and Redis; ARGS=seconds)
	@$(BIN)/python -m tests.soak $(ARGS)

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
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/python -m mkdocs build --strict --config-file docs/mkdocs.yml

CHECKOV = uv tool run --quiet checkov@3.3.30 --quiet --compact --skip-download --config-file deploy/checkov.yaml
policy: $(WORKSHOP) ## check the manifests, Dockerfiles and workflows against checkov's policies (needs uv)
	@$(UV)
	@for overlay in deploy/kubernetes/overlays/*/; do \
		$(BIN)/kubectl kustomize $$overlay >.manifests.yaml && \
		$(CHECKOV) --framework kubernetes --file .manifests.yaml || exit 1; done; rm -f .manifests.yaml
	@$(CHECKOV) --framework dockerfile --file Dockerfile frontend/Dockerfile
	@$(CHECKOV) --framework github_actions --directory .github

lock::
	@$(COMPILE) requirements/workshop.in -c requirements/runtime.txt -c requirements/dev.txt -o requirements/workshop.txt
	@$(COMPILE) requirements/docs.in -o requirements/docs.txt

# Without --strict, pip-audit succeeds when it could not look a package up. The ignored vulnerability is a timing
# attack on signing with ecdsa, which has no fix; checkov requires ecdsa and signs nothing.
AUDIT := uv tool run --quiet pip-audit@2.10.1 --ignore-vuln GHSA-wj6h-64fc-37mp --strict --progress-spinner off --require-hashes --disable-pip
audit: ## look for known vulnerabilities in all lock files (needs the network, uv and Node)
	@$(UV)
	@for lock in requirements/*.txt; do $(AUDIT) -r $$lock || exit 1; done
	@for folder in frontend bench/node; do npm --prefix $$folder audit --omit=dev || exit 1; done

clean::
	@rm -rf .node .docs site dist .hypothesis .coverage .coverage.* htmlcov frontend/test-results bench/node/node_modules

smoke: $(READY) ## build the images, run them and test them (needs Docker)
	@$(ENGINE)
	@$(BIN)/python -m pytest tests/smoke --timeout 400 $(ARGS)
