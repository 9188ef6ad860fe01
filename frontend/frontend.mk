# The targets of the React app. The Makefile above includes this file.
NODE_MODULES := frontend/node_modules/.package-lock.json

.PHONY: frontend node
check: node frontend

frontend: $(NODE_MODULES) ## check, test and build the app in frontend/ (needs Node)
	@npm --prefix frontend run --silent check -- $(APP_ARGS)

node:
	@node --version 2>/dev/null | awk -F '[v.]' '{ ok = $$2 * 100 + $$3 >= 2218 } END { exit !ok }' && \
		command -v npm >/dev/null || { \
		echo "Node 22.18 or newer is required, with npm: see https://nodejs.org/download, or run: nvm install 22" >&2; \
		exit 1; }

%/node_modules/.package-lock.json: %/package-lock.json | node
	@npm --prefix $* ci --loglevel error >&2
	@touch $@

clean::
	@rm -rf frontend/node_modules frontend/dist frontend/*.tsbuildinfo
