# `make` lists the commands; every one of them sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check fix bench docs lock clean

BIN := .venv/bin
ARGS ?=

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## build .venv with everything pinned; does nothing when it is current

.venv/ready: requirements/dev.txt pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh

demo: setup ## watch an agreement being kept, then meet it in a browser; ARGS="..." are passed on
	@$(BIN)/troth demo $(ARGS)

test: setup ## run every test and every check; ARGS="-k word" narrows it
	@sh scripts/browser.sh
	@sh scripts/systems.sh
	@TMPDIR="$$(sh scripts/place.sh)" $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## lint, format, types, import contracts, sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python scripts/size_report.py

fix: setup ## mend what the linter and the formatter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python scripts/pages.py

bench: setup ## measure, and write bench/RESULTS.md
	@$(BIN)/troth bench $(ARGS)

docs: setup ## write the pages that are read off the source
	@$(BIN)/python scripts/pages.py

# One resolution for every platform and Python from 3.11 on; no index address, path or date in the result.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header $(ARGS)

lock: setup ## resolve the requirements anew; ARGS=--upgrade takes newer versions
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/lock.txt
	$(COMPILE) --group pyproject.toml:lock -o requirements/lock.txt
	$(COMPILE) pyproject.toml --all-extras --group dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml --all-extras -c requirements/dev.txt -o requirements/full.txt
	$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/core.txt

clean: ## remove .venv and every cache
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
