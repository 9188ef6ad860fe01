# Updates from the template. The Makefile includes this file.
COPIER ?= .venv-copier/bin/copier
.venv-copier/bin/copier:
	@$(PYTHON) -m venv .venv-copier >&2
	@.venv-copier/bin/python -m pip install --quiet --disable-pip-version-check "copier>=9.17.2,<10" >&2

.PHONY: update
update: $(READY) $(COPIER) ## bring the template's changes since the last update (ARGS="--vcs-ref HEAD")
	@$(BIN)/python -m dev.update $(COPIER) $(ARGS)
