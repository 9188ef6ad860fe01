# Containers. With an org in .env or the environment, the local Okta is not started.
ENGINE := docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1 || \
	{ echo "Docker with compose is required, and its engine has to run" >&2; exit 1; }
SERVICES := backend $(wildcard frontend)
APP = echo "The app: http://localhost:$$(docker compose port frontend 8080 | cut -d: -f2)"
.PHONY: up down logs
up: ## run the local Okta and what uses it in containers; waits until all are healthy
	@$(ENGINE)
	@config=$$(docker compose config) || exit 1; \
	case "$$(echo "$$config" | sed -n 's/^ *OKTA_ISSUER: //p' | head -1)" in \
		http://localhost:*) export OKTA_ISSUER=; services= ;; \
		*) services="$(SERVICES)" ;; \
	esac; docker compose up --detach --build --wait $$services $(if $(wildcard frontend),&& $(APP)) && echo "Stop it: make down"

# These need no settings, but the compose file requires OKTA_CLIENT_ID where OKTA_ISSUER is set.
down logs: export OKTA_CLIENT_ID := unused
down: ## stop and remove the containers; the database keeps its data
	@$(ENGINE)
	@docker compose down --remove-orphans

logs: ## follow the logs of the containers
	@$(ENGINE)
	@docker compose logs --follow --tail 100

# Without .venv, the token comes from the container.
GET_TOKEN = if [ ! -e $(READY) ] && [ -n "$$(docker compose ps --quiet --status running local-okta 2>/dev/null)" ]; then \
		docker compose exec -T local-okta local-okta token $(ARGS); \
	else \
		$(MAKE) --silent $(READY) && $(BIN)/python -m local_okta token $(ARGS); \
	fi
