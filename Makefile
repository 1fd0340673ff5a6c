# Everything starts here: `make help`.
# Each target creates .venv and installs what it needs on first use, once.

VENV   := .venv
BIN    := $(VENV)/bin
CHAPTER ?= models

# What `make test` takes besides: versions (each set in an environment of its own), and processors to run as.
SETS := colab newest
CPUS := avx2 one-thread
check = $(if $(filter-out $($(1)S),$($(1)))$(word 2,$($(1))),$(error $(1)=$($(1)) is unknown; there are: $($(1)S)))
$(call check,SET)$(call check,CPU)$(if $(and $(SET),$(CPU)),$(error SET and CPU do not go together: give one))
SET_ENV := .venv-$(SET)

# The first Python on the path that the frameworks support (a set takes the newest); or say `make PYTHON=...`.
PYTHONS := $(if $(SET),3.13 3.12,3.11 3.12 3.13)
PYTHON  ?= $(shell for p in $(PYTHONS:%=python%) python3 python; do \
	$$p -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in "$(PYTHONS)".split())' 2>/dev/null && echo $$p && break; done)

# A file of tests, or a group that one names, stays on one worker.
WORKERS := --numprocesses auto --dist loadgroup --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help lab extras book offline workshop links lint quick test test-default test-set mutation coverage refresh normalise bench bench-grading panes constraints clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "make %-12s %s\n", $$1, $$2}'

lab: $(VENV)/.has-lab ## open a chapter in JupyterLab, panes side by side (the tour, or CHAPTER=graphs FRAMEWORKS=pytorch,jax)
	$(BIN)/triptych lab $(CHAPTER) $(if $(FRAMEWORKS),--frameworks '$(FRAMEWORKS)')

extras: $(VENV)/.has-lab $(VENV)/.has-extras $(VENV)/.has-browser $(VENV)/.has-serving ## install what the deployment and distributed chapters run besides

book: $(VENV)/.has-book $(VENV)/.tried-browser ## build the site into _build/html
	rm -rf _build/html
	$(BIN)/jupyter-book build . --toc book/_toc.yml -n -W --keep-going --quiet
	@echo "The site: _build/html/index.html"

offline: book ## build the site, and put it into one zip for a class without a network
	$(BIN)/triptych offline

workshop: book ## build the site, and put a chapter for a class into one zip (CHAPTER=graphs WORKSHOP_OPTIONS="--start 10:00")
	$(BIN)/triptych workshop $(if $(filter file,$(origin CHAPTER)),graphs,$(CHAPTER)) $(WORKSHOP_OPTIONS)

links: $(VENV)/.has-book ## follow the links to other sites (some minutes, and the network)
	$(BIN)/jupyter-book build . --toc book/_toc.yml --builder linkcheck --path-output _build/links --quiet

lint: $(VENV)/.has-test ## what needs no test: style, types, who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The tests start some hundreds of Pythons: without stored bytecode each of them compiles the package anew.
unexport PYTHONDONTWRITEBYTECODE

quick: lint $(VENV)/.tried-biome ## the quick lane: all but executed notebooks, the bank of mistakes and sweeps
	$(BIN)/pytest tests $(WORKERS) -m quick $(PYTEST_OPTIONS)

test: $(if $(SET),test-set,test-default) ## validate everything; CPU=avx2 or one-thread: the notebooks, as on such a processor; SET=colab or newest: with those versions

test-default: lint $(VENV)/.tried-biome $(VENV)/.tried-serving
	rm -rf _build/tests-site
	$(if $(CPU),$(BIN)/triptych cpu $(CPU)) $(BIN)/pytest $(WORKERS) $(if $(CPU),notebooks) $(PYTEST_OPTIONS)

coverage: $(VENV)/.has-test ## the quick lane, with how much of the package it runs
	$(BIN)/pytest $(WORKERS) -m quick --cov $(PYTEST_OPTIONS)

test-set: $(SET_ENV)/.has-set
	$(SET_ENV)/bin/triptych versions run $(SET)

# Whose CHAPTER is the default above means all of them.
mutation: $(VENV)/.has-test ## what the hidden checks notice: mutants of the solutions (CHAPTER=graphs FRAMEWORK=jax; goes on where it was)
	$(BIN)/triptych mutation --record $(if $(filter file,$(origin CHAPTER)),,$(CHAPTER)) $(if $(FRAMEWORK),--framework $(FRAMEWORK))

refresh: extras ## run the notebooks and store their outputs (NOTEBOOKS=path ...)
	$(BIN)/triptych refresh $(NOTEBOOKS)

normalise: $(VENV)/.has-book ## bring stored notebooks into their reviewable form
	$(BIN)/triptych normalise

bench: $(VENV)/.has-bench ## measure the frameworks on this machine, into results/ (BENCH_OPTIONS="--device gpu")
	$(BIN)/triptych bench $(BENCH_OPTIONS)

bench-grading: $(VENV)/.has-test ## measure the grader against nbgrader and otter (some minutes)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python bench/grading.py

panes: $(VENV)/.has-lab $(VENV)/.has-book ## build the JupyterLab extension of `make lab` anew, after a change of src/triptych/dev/panes
	$(BIN)/triptych panes

constraints: $(VENV)/.has-uv ## find newer versions: rewrites constraints/ and environment.yml
	$(BIN)/uv pip compile pyproject.toml --constraint constraints/default.in --all-extras --universal --python-version 3.11 --upgrade \
		--no-annotate --custom-compile-command "make constraints" --output-file constraints/default.txt --quiet
	$(BIN)/uv pip compile constraints/serving.in --universal --python-version 3.11 --upgrade \
		--no-annotate --custom-compile-command "make constraints" --output-file constraints/serving.txt --quiet
	$(BIN)/triptych environment

clean: ## remove the environments and everything built
	rm -rf $(VENV) $(SETS:%=.venv-%) _build src/*.egg-info

# --- what the targets need ---------------------------------------------------

$(VENV)/bin/pip:
	@test -n "$(PYTHON)" || { echo "Triptych needs Python 3.11, 3.12 or 3.13, and found none on the path."; \
		echo "Install one (python.org, your package manager), or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) && touch $(VENV)/.new || { rm -rf $(VENV); \
		echo "Could not create $(VENV): see above. Is the disk full? On Debian and Ubuntu: apt install python3-venv"; exit 1; }

# A set's environment is made whole or not at all: what fails half-way, a full disk for instance, is removed.
$(SET_ENV)/.has-set: pyproject.toml $(wildcard constraints/$(SET).txt)
	@test -n "$(PYTHON)" || { echo "SET=$(SET) needs Python 3.13 or 3.12, and found none on the path:" \
		"install one, or name it: make test SET=$(SET) PYTHON=/path/to/python3.13"; exit 1; }
	@echo "Making $(SET_ENV) with $$($(PYTHON) --version): up to 8 GB, once; remove it to look for newer versions"
	@rm -rf $(SET_ENV)
	@$(PYTHON) -m venv $(SET_ENV) && $(SET_ENV)/bin/pip install --quiet --editable . && \
		$(SET_ENV)/bin/triptych versions install $(SET) && touch $@ || { rm -rf $(SET_ENV); \
		echo "$(SET_ENV) could not be made, and nothing is left of it: see above; it needs 8 GB of disk and the network"; exit 1; }

# .has-book, .has-lab, .has-bench and .has-test: the package with that group of pyproject.toml. A new environment of
# which this fails, with a full disk for instance, is removed; one that has another group stays as it was.
$(VENV)/.has-%: $(VENV)/bin/pip pyproject.toml constraints/default.txt
	@echo "Installing what \`make $*\` needs (once; the frameworks are about 1 GB to download, and 3 GB on the disk)"
	@PYTHONPATH=src $(BIN)/python -m triptych.dev.install $* $(VENV) && rm -f $(VENV)/.new && touch $@ || { \
		rm -f $@; test ! -e $(VENV)/.new || rm -rf $(VENV); exit 1; }

# Not Python, and not in the course's own environment: ONNX Runtime Web, and a server whose pins clash with ours.
# Both are optional: what is missing is named, by the notebooks and by the site's build.
$(VENV)/.has-browser: $(VENV)/.has-book constraints/package.json constraints/package-lock.json
	@mkdir -p $(VENV)/lib && cp constraints/package.json constraints/package-lock.json $(VENV)/lib
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --prefix $(VENV)/lib --omit=dev --ignore-scripts --no-audit --no-fund
	@touch $@

# And what lints JavaScript and TypeScript, which only the tests need.
$(VENV)/.has-biome: $(VENV)/.has-browser
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --prefix $(VENV)/lib --ignore-scripts --no-audit --no-fund
	@touch $@

$(VENV)/.has-serving: $(VENV)/bin/pip constraints/serving.txt
	@rm -rf $(VENV)/serving
	$(VENV)/bin/python -m venv $(VENV)/serving && $(VENV)/serving/bin/pip install --requirement constraints/serving.txt || { \
		rm -rf $(VENV)/serving; echo "The server could not be installed, and nothing is left of it: see above; it needs 0.4 GB of disk"; exit 1; }
	@ln -sf ../serving/bin/mlserver $(BIN)/mlserver
	@touch $@

$(VENV)/.tried-%:
	@$(MAKE) --no-print-directory $(VENV)/.has-$* || echo "Going on without it: $(VENV)/.has-$* could not be made."

$(VENV)/.has-uv: $(VENV)/bin/pip
	$(BIN)/pip install uv
	@touch $@
