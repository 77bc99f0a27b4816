# Two commands: `make run` serves everything, `make test` proves it. Nothing to install but uv and make.
PY312 ?= $(shell scripts/find-python 3.12)
PY310 ?= $(shell scripts/find-python 3.10)
.DEFAULT_GOAL := help
.PHONY: help setup run chat train test lint format bench clean

help:           ## what each target does
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

.venv/.done: uv.lock pyproject.toml
	uv sync --frozen --compile-bytecode --python $(PY312)
	@touch $@

bot/.venv/.done: bot/uv.lock bot/pyproject.toml
	cd bot && uv sync --frozen --compile-bytecode --python $(PY310)
	@touch $@

setup: .venv/.done bot/.venv/.done   ## install both runtimes

run: setup      ## serve the API, the assistant and their stores; Ctrl-C stops
	@.venv/bin/python -m compileall -q miniapp_api intents
	.venv/bin/shenban serve

chat: setup     ## talk to the running assistant
	.venv/bin/shenban chat

train: setup    ## train the assistant's model if its inputs changed
	.venv/bin/shenban train

test: setup     ## all tests of both runtimes
	.venv/bin/shenban handbook check
	.venv/bin/pytest -q
	bot/.venv/bin/python -m pytest -q -c bot/pytest.ini --rootdir=. tests/intents tests/bot

lint: setup     ## ruff and mypy
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy miniapp_api intents benchmarks tests
	bot/.venv/bin/python -m mypy --config-file bot/mypy.ini bot

format: setup   ## format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: setup    ## measure speed: make bench, or make bench ONLY=slots CASES=10000
	.venv/bin/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(CASES),--cases $(CASES))

clean:          ## remove both runtimes (the data folder stays)
	rm -rf .venv bot/.venv
