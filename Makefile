.DEFAULT_GOAL := help
SHELL := /bin/sh

BIN := .venv/bin
PYTHON3 := $(BIN)/python
STAMP := .venv/.setup-done
CORPUS ?= ../shared/corpus

export PYTHON

.PHONY: help setup demo up down test check fmt lint types bench corpus golden new-scanner new-channel chaos identity docs

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Bring uv (into .tools/) and everything in uv.lock (into .venv/); needs python3 >= 3.11, or PYTHON=

$(STAMP): uv.lock pyproject.toml $(wildcard */pyproject.toml services/*/pyproject.toml) .ci/setup
	@.ci/setup
	@touch $@

demo: $(STAMP) ## Run the whole platform on sample reports and print what came of it
	@$(BIN)/sluice demo $(ARGS)

up: $(STAMP) ## Start the platform with embedded servers; Ctrl-C ends it. ARGS="--data DIR --base-port N"
	@$(BIN)/sluice up $(ARGS)

down: $(STAMP) ## Stop a platform that was started elsewhere
	@$(BIN)/sluice down $(ARGS)

test: $(STAMP) ## Run every test. ARGS="-m integration" or any other pytest arguments
	$(BIN)/pytest $(ARGS)

check: lint types ## What CI asks before the tests: format, lint, import walls, types, contract drift
	$(BIN)/ruff format --check .
	$(PYTHON3) -m sluice_shared.contracts.render --check docs
	$(PYTHON3) -m sluice_cli.docs --check docs
	$(BIN)/pytest -q tests/contracts

fmt: $(STAMP) ## Format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(STAMP) ## Lint, and check the walls between members and floors
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(STAMP) ## Check the types, strictly
	$(BIN)/mypy
	MYPYPATH=bench $(BIN)/mypy bench/*.py

bench: $(STAMP) ## Measure the pipeline. REPORTS="FILE..."
	$(PYTHON3) bench/pipeline.py $(REPORTS)

corpus: $(STAMP) ## Parse a corpus of real reports, if there is one. CORPUS=DIR
	@if [ -d '$(CORPUS)' ]; then $(PYTHON3) -m sluice_normaliser.corpus '$(CORPUS)'; \
	else echo "No corpus at $(CORPUS): nothing to do. CORPUS=DIR names another."; fi

golden: $(STAMP) ## Write the scanners' golden files anew; look at the difference before you keep it
	$(PYTHON3) -m sluice_normaliser.golden $(ARGS)

new-scanner: $(STAMP) ## Begin a scanner: its folder, mapping and sample. NAME=trivy
	@$(if $(NAME),,$(error say which scanner: make new-scanner NAME=trivy))$(PYTHON3) -m sluice_normaliser.scaffold $(NAME)

new-channel: $(STAMP) ## Begin a channel for alerts. NAME=mattermost
	@$(if $(NAME),,$(error say which channel: make new-channel NAME=mattermost))$(PYTHON3) -m sluice_notifier.scaffold $(NAME)

chaos: $(STAMP) ## Kill things under load, and count what got lost. MINUTES=5 SEED=1, or ARGS="--import 50000"
	$(PYTHON3) -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(ARGS)

identity: $(STAMP) ## Measure how well findings are recognised from scan to scan. CORPUS=DIR
	$(PYTHON3) bench/identity.py $(wildcard $(CORPUS))

docs: $(STAMP) ## Write the generated pages of docs/ anew from the code
	$(PYTHON3) -m sluice_shared.contracts.render docs
	$(PYTHON3) -m sluice_cli.docs docs
