# Updates from the template. The Makefile includes this file.
COPIER ?= .venv-copier/bin/python -m copier
.venv-copier/.ready:
	@$(PYTHON) -m venv .venv-copier >&2
	@.venv-copier/bin/python -m pip install --quiet --disable-pip-version-check "copier>=9.17.2,<10" >&2
	@touch $@

.PHONY: update
update: $(READY) $(if $(findstring .venv-copier,$(COPIER)),.venv-copier/.ready) ## bring the template's changes since the last update
	@COPIER="$(COPIER)" $(BIN)/python -m dev.update $(ARGS)
