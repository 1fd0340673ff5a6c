# Everything starts here: `make help`.
# Each target creates .venv and installs what it needs on first use, once.

VENV   := .venv
BIN    := $(VENV)/bin
CHAPTER ?= graphs

# The first Python on the path that the frameworks support; or say `make PYTHON=...`.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)

# A file of tests, or a group that one names, stays on one worker.
WORKERS := --numprocesses auto --dist loadgroup --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help lab extras book lint quick test coverage refresh normalise bench bench-grading constraints clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "make %-12s %s\n", $$1, $$2}'

lab: $(VENV)/.has-lab ## open a chapter in JupyterLab, three panes side by side (CHAPTER=graphs)
	$(BIN)/triptych lab $(CHAPTER)

extras: $(VENV)/.has-lab $(VENV)/.has-extras $(VENV)/.has-browser $(VENV)/.has-serving ## install what the deployment and distributed chapters run besides

book: $(VENV)/.has-book $(VENV)/.tried-browser ## build the site into _build/html
	rm -rf _build/html
	$(BIN)/jupyter-book build . --toc book/_toc.yml -n -W --keep-going --quiet
	@echo "The site: _build/html/index.html"

lint: $(VENV)/.has-test ## what needs no test: style, types, who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

quick: lint $(VENV)/.tried-browser ## the quick lane: all but executed notebooks, the bank of mistakes and sweeps
	$(BIN)/pytest $(WORKERS) -m quick $(PYTEST_OPTIONS)

test: lint $(VENV)/.tried-browser $(VENV)/.tried-serving ## validate everything: notebooks, parity, site, browser
	$(BIN)/pytest $(WORKERS) $(PYTEST_OPTIONS)

coverage: $(VENV)/.has-test ## the quick lane, with how much of the package it runs
	$(BIN)/pytest $(WORKERS) -m quick --cov $(PYTEST_OPTIONS)

refresh: extras ## run the notebooks and store their outputs (NOTEBOOKS=path ...)
	$(BIN)/triptych refresh $(NOTEBOOKS)

normalise: $(VENV)/.has-book ## bring stored notebooks into their reviewable form
	$(BIN)/triptych normalise

bench: $(VENV)/.has-bench ## measure the frameworks on this machine, into results/ (BENCH_OPTIONS="--device gpu")
	$(BIN)/triptych bench $(BENCH_OPTIONS)

bench-grading: $(VENV)/.has-test ## measure the grader against nbgrader and otter (some minutes)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/grading.py

constraints: $(VENV)/.has-uv ## find newer versions: rewrites constraints/ and environment.yml
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
		--no-annotate --custom-compile-command "make constraints" --output-file constraints/default.txt --quiet
	$(BIN)/uv pip compile constraints/serving.in --universal --python-version 3.11 --upgrade \
		--no-annotate --custom-compile-command "make constraints" --output-file constraints/serving.txt --quiet
	$(BIN)/triptych environment

clean: ## remove the environment and everything built
	rm -rf $(VENV) _build src/*.egg-info

# --- what the targets need ---------------------------------------------------

$(VENV)/bin/pip:
	@test -n "$(PYTHON)" || { echo "Triptych needs Python 3.11, 3.12 or 3.13, and found none on the path."; \
		echo "Install one (python.org, your package manager), or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Could not create $(VENV). On Debian and Ubuntu: apt install python3-venv"; exit 1; }

# .has-book, .has-lab, .has-bench and .has-test: the package with that group of pyproject.toml.
$(VENV)/.has-%: $(VENV)/bin/pip pyproject.toml constraints/default.txt
	@echo "Installing what \`make $*\` needs (once; the frameworks are about 1 GB)"
	$(BIN)/pip install --progress-bar on --constraint constraints/default.txt --editable '.[$*]'
	@touch $@

# Not Python, and not in the course's own environment: ONNX Runtime Web, and a server whose pins clash with ours.
# Both are optional: what is missing is named, by the notebooks and by the site's build.
$(VENV)/.has-browser: $(VENV)/.has-book constraints/package.json constraints/package-lock.json
	@mkdir -p $(VENV)/lib && cp constraints/package.json constraints/package-lock.json $(VENV)/lib
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --prefix $(VENV)/lib --ignore-scripts --no-audit --no-fund
	@touch $@

$(VENV)/.has-serving: $(VENV)/bin/pip constraints/serving.txt
	$(VENV)/bin/python -m venv $(VENV)/serving
	$(VENV)/serving/bin/pip install --requirement constraints/serving.txt
	@ln -sf ../serving/bin/mlserver $(BIN)/mlserver
	@touch $@

$(VENV)/.tried-%:
	@$(MAKE) --no-print-directory $(VENV)/.has-$* || echo "Going on without it: $(VENV)/.has-$* could not be made."

$(VENV)/.has-uv: $(VENV)/bin/pip
	$(BIN)/pip install uv
	@touch $@
