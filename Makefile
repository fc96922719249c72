# Barque's front door. `make` alone lists the doors.
SHELL := bash
.DEFAULT_GOAL := help
python := .venv/bin/python

.PHONY: help setup up test lint test-system proof bench lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is locked into .venv (quick when nothing changed)
	@scripts/setup

up: setup ## import the sample, train, backtest, trade on paper and serve the page
	@.venv/bin/barque up

test: lint ## lint and every test that needs neither root nor a server (10 minutes at most)
	$(python) -m pytest -n 2 -m "not system"

lint: setup ## formatting, types, import contracts and licences
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(python) scripts/licences

test-system: setup ## tests with a browser, servers and containers (root on Debian)
	scripts/system-packages
	$(python) -m pytest -m system

proof: setup ## the long runs; what they found is kept in docs/proof
	scripts/proof

bench: setup ## this engine beside its peers, each in its own environment
	$(python) -m benchmarks

lock: ## write requirements.lock anew from pyproject.toml (versions stay where they can)
	scripts/lock

clean: ## remove what was installed, built and cached here; .barque, your data, stays
	rm -rf .venv .tools dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
