# Two commands: `make run` serves everything, `make test` proves it. Nothing to install but uv and make.
PY312 ?= $(shell scripts/find-python 3.12)
PY310 ?= $(shell scripts/find-python 3.10)
CLIENT := $(shell find miniapp/src -type f -not -name schema.d.ts)
.DEFAULT_GOAL := help
.PHONY: help setup client run chat train test lint format bench clean

help:           ## what each target does
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

.venv/.done: uv.lock pyproject.toml
	uv sync --frozen --compile-bytecode --python $(PY312)
	@touch $@

bot/.venv/.done: bot/uv.lock bot/pyproject.toml
	cd bot && uv sync --frozen --compile-bytecode --python $(PY310)
	@touch $@

ASSETS := miniapp_api/console/assets

setup: .venv/.done bot/.venv/.done miniapp/node_modules/.done $(ASSETS)/node_modules/.done   ## install both runtimes and the pages' tools

$(ASSETS)/node_modules/.done: $(ASSETS)/package-lock.json .venv/.done
	PATH="$$(scripts/find-node):$$PATH" npm ci --prefix $(ASSETS) --no-audit --no-fund --loglevel=error
	@touch $@

miniapp/node_modules/.done: miniapp/package-lock.json .venv/.done
	PATH="$$(scripts/find-node):$$PATH" npm ci --prefix miniapp --no-audit --no-fund --loglevel=error
	@touch $@

# The types of the client come from the API's own document: what does not fit does not build.
# The document is written anew only when it says something else, and then the client is built anew.
miniapp/.openapi-done: .venv/.done $(shell find miniapp_api -name '*.py')
	.venv/bin/shenban openapi miniapp/openapi.json
	@touch $@

miniapp/openapi.json: miniapp/.openapi-done ;

miniapp/src/api/schema.d.ts: miniapp/openapi.json miniapp/node_modules/.done
	PATH="$$(scripts/find-node):$$PATH" npm run --silent --prefix miniapp generate

miniapp/dist/build/h5/.done: miniapp/src/api/schema.d.ts miniapp/package-lock.json miniapp/vite.config.ts miniapp/index.html $(CLIENT)
	PATH="$$(scripts/find-node):$$PATH" npm run --silent --prefix miniapp build:h5
	@touch $@

miniapp/dist/build/mp-weixin/.done: miniapp/src/api/schema.d.ts miniapp/package-lock.json miniapp/vite.config.ts $(CLIENT)
	PATH="$$(scripts/find-node):$$PATH" npm run --silent --prefix miniapp build:mp-weixin
	@touch $@

client: setup miniapp/dist/build/h5/.done   ## build the citizens' pages

run: client     ## serve the API, the assistant and their stores; Ctrl-C stops
	@.venv/bin/python -m compileall -q miniapp_api intents
	.venv/bin/shenban serve

chat: setup     ## talk to the running assistant
	.venv/bin/shenban chat

train: setup    ## train the assistant's model if its inputs changed
	.venv/bin/shenban train

test: client miniapp/dist/build/mp-weixin/.done   ## all tests of both runtimes
	.venv/bin/shenban handbook check
	.venv/bin/pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	bot/.venv/bin/python -m pytest -q -c bot/pytest.ini --rootdir=. tests/intents tests/bot

lint: setup miniapp/src/api/schema.d.ts   ## ruff, mypy and vue-tsc
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy miniapp_api intents benchmarks tests
	bot/.venv/bin/python -m mypy --config-file bot/mypy.ini bot
	PATH="$$(scripts/find-node):$$PATH" npm run --silent --prefix miniapp type-check

format: setup   ## format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: client   ## measure speed: make bench, or make bench ONLY=slots CASES=10000
	.venv/bin/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(CASES),--cases $(CASES))

clean:          ## remove what was installed and built (the data folder stays)
	rm -rf .venv bot/.venv .node miniapp/node_modules miniapp/dist
