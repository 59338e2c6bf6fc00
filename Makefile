# The commands of a day's work. All of them use the virtual environment .venv, which the first one makes.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := dockerlang lsp tests bench examples docs

.PHONY: help venv demo check test extension cases map grammar pictures fuzz bench clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

venv: .venv/installed ## Make the virtual environment and install the package in it

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || ./.ci/install python3-venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: venv ## Build, run and look at the example site; under a minute
	./examples/demo.sh

check: venv ## Formatter, linter, types and the fast tests; about a minute
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/pytest -q -n 3 --hypothesis-profile=quick -m 'not slow and not root and not namespaces and not peer'

test: venv extension ## Everything
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/pytest -q

extension: ## Test the extension for VS Code, and package it where Node is recent enough (20)
	@command -v npm > /dev/null || ./.ci/install nodejs npm
	cd vscode-extension && npm ci --silent --no-audit --no-fund && npm test --silent
	@if [ "$$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then \
	    cd vscode-extension && npm run --silent package; \
	else echo "vsce needs Node 20; the extension is not packaged."; fi

map: venv ## Write docs/map.md, the list of all modules
	$(BIN)/python docs/make_map.py

grammar: venv ## Write grammar/tables.jsonl, after a change of a grammar
	$(BIN)/python docs/make_tables.py

pictures: venv ## Write the pictures of README.md, from real runs
	$(BIN)/python docs/make_pictures.py

cases: venv ## Write what the code does now into the Markdown cases; review the difference
	$(BIN)/pytest -q --update-cases tests/syntax/test_cases.py tests/formatter/test_cases.py

fuzz: venv ## Let a fuzzer look for files that the parser and the checks fail on; ten minutes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'atheris>=2.3'
	$(BIN)/python -m tests.fuzz.parse -max_total_time=600

bench: venv ## Measure everything beside the peers that are installed; half an hour
	$(BIN)/python -m bench.run

clean: ## Remove what the other commands made
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
