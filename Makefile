# make run: set up everything and start the assistant · make test: set up everything and run the tests
SHELL := /bin/bash
# Pythons that pyenv keeps aside; elsewhere uv finds or downloads them.
PYENV := $(wildcard $(HOME)/.pyenv/versions/3.1[0-9]*/bin)
export PATH := $(PATH)$(if $(PYENV),:$(subst $(eval ) ,:,$(PYENV)))
export RASA_TELEMETRY_ENABLED := false
UV := $(or $(shell command -v uv 2>/dev/null),.venv-uv/bin/uv)
BIN := .venv/bin

.PHONY: help setup run test check format train bench scale load chaos lock clean

help: ## these lines
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(BIN)/.ready .venv-rasa/.ready ## both environments and a trained model
	@$(BIN)/motcua train

run: setup ## set up what is missing, then start the whole assistant (Ctrl-C stops it)
	@$(BIN)/motcua run

test: setup $(BIN)/.dev ## set up what is missing, then run all tests
	$(BIN)/python -m pytest $(ARGS)

check: $(BIN)/.dev ## format, lint, types, imports, file sizes, content, spelling, container files
	$(BIN)/ruff format --check bot tests rasa_project
	$(BIN)/ruff check bot tests rasa_project
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@long=$$(find bot rasa_project/components -name '*.py' | xargs wc -l | awk '$$1 > 300 && $$2 != "total"'); \
	  if [ -n "$$long" ]; then echo "files over 300 lines:"; echo "$$long"; exit 1; fi
	$(BIN)/yamllint --strict content flows
	$(BIN)/codespell README.md CONTRIBUTING.md CHANGELOG.md docs/decisions
	$(BIN)/motcua content check
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/caddy validate --config bot/Caddyfile

format: $(BIN)/.dev ## put the code into shape
	$(BIN)/ruff format bot tests rasa_project
	$(BIN)/ruff check --fix bot tests rasa_project

bench: setup $(BIN)/.dev ## measure against a stock Rasa assistant (training that one takes long: ARGS=--again keeps the last)
	$(BIN)/python -m tests.load.bench $(ARGS)

scale: setup $(BIN)/.dev ## measure with 824 more entries
	$(BIN)/python -m tests.load.scale

load: setup $(BIN)/.dev ## measure a flood of messages against 1, 2 and 4 workers (ARGS="--workers 2 --plot docs/images/load.svg")
	$(BIN)/python -m tests.load.flood $(ARGS)

chaos: setup $(BIN)/.dev ## kill parts at random under traffic; the books must balance (ARGS="--kills 300 --seconds 1500")
	$(BIN)/python -m tests.chaos.chaos $(ARGS)

train: setup ## train the model if content or pipeline changed

lock: $(UV) ## compile the hashed requirement files anew
	$(UV) pip compile --universal --python-version 3.12 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements/bot.in -o requirements/bot.txt
	$(UV) pip compile --universal --python-version 3.12 --generate-hashes --no-header --no-annotate --no-emit-index-url requirements/dev.in -o requirements/dev.txt
	$(UV) pip compile --universal --python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url --override rasa_project/overrides.txt rasa_project/requirements.in -o rasa_project/requirements.txt

clean: ## remove environments and what was generated
	rm -rf .venv .venv-rasa .venv-uv rasa_project/models rasa_project/data/generated rasa_project/domain/generated.yml rasa_project/.rasa

.venv-uv/bin/uv:
	@echo "uv: cài vào .venv-uv / installing into .venv-uv"
	python3 -m venv .venv-uv && .venv-uv/bin/pip install --quiet uv

$(BIN)/.ready: requirements/bot.txt pyproject.toml | $(UV)
	@echo "Môi trường của trợ lý (Python 3.13) / the bot's environment"
	test -x $(BIN)/python || $(UV) venv --python 3.13 .venv || $(UV) venv --python 3.12 .venv
	$(UV) pip install --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/bot.txt
	$(UV) pip install --python $(BIN)/python --no-deps -e .
	@touch $@

$(BIN)/.dev: requirements/dev.txt $(BIN)/.ready | $(UV)
	@echo "Công cụ kiểm thử / the tools for tests and checks"
	$(UV) pip install --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/dev.txt
	@touch $@

.venv-rasa/.ready: rasa_project/requirements.txt | $(UV)
	@echo "Môi trường của Rasa (Python 3.10, khoảng 2 GB) / Rasa's environment, about 2 GB"
	test -x .venv-rasa/bin/python || $(UV) venv --python 3.10 .venv-rasa
	$(UV) pip sync --python .venv-rasa/bin/python --compile-bytecode --require-hashes rasa_project/requirements.txt
	@touch $@
