# Two commands are enough: `make run` and `make test`. Everything they need is set up by them.

.DEFAULT_GOAL := help
.PHONY: help run test check bench eval setup train lock format clean

SETUP = python3 tools/setup.py
PYTHON = .venv/bin/python
export RASA_TELEMETRY_ENABLED = false

help: ## show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up, start everything on loopback, print the addresses and the demo login
	@$(SETUP) app rasa
	@exec .venv/bin/jingkang up

test: ## set up, then check everything: lint, types, import rules, all tests
	@$(SETUP) dev rasa browser
	@$(MAKE) --no-print-directory lint
	@$(PYTHON) -m bot.cli train
	@$(PYTHON) tools/run_tests.py

check: ## the fast checks: lint, types, import rules, unit tests
	@$(SETUP) dev
	@$(MAKE) --no-print-directory lint
	@$(PYTHON) -m pytest -q tests/unit

.PHONY: lint
lint:
	@echo "== ruff"; $(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	@echo "== mypy"; $(PYTHON) -m mypy
	@echo "== import rules"; .venv/bin/lint-imports
	@echo "== repository rules"; $(PYTHON) tools/check_repository.py

bench: ## set up, then measure; results as a table
	@$(SETUP) dev rasa
	@$(PYTHON) -m bot.cli train
	@$(PYTHON) -m benchmarks

eval: ## how well the bot understands: tables for intents, crisis, plans, policy
	@$(SETUP) dev rasa
	@$(PYTHON) -m bot.cli train
	@$(PYTHON) tools/eval.py

setup: ## only set up both environments
	@$(SETUP) dev rasa

train: ## train the dialogue model if its data changed
	@$(SETUP) app rasa
	@$(PYTHON) -m bot.cli train

lock: ## resolve both environments again, with hashes
	@$(SETUP) uv
	@$(PYTHON) tools/lock.py

format: ## format the code
	@$(PYTHON) -m ruff check --fix -q . ; $(PYTHON) -m ruff format -q .

clean: ## remove environments and the development installation (its data too)
	rm -rf .venv .venv-rasa .uv .jingkang test-output
