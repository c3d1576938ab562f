# Every target makes what it needs first. `make` alone lists them.
BIN := .venv/bin
SIZE := 1M,10M
EVENTS := 10M

.DEFAULT_GOAL := help
.PHONY: help demo test bench bench-api bench-spark lint warmup format openapi lock clean environment

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: environment ## install graphmap into .venv and run it on the bundled sample
	@scripts/demo

test: environment ## install what the tests need and pass them all; the gate of every change
	@scripts/install-test-tools
	@[ -n "$$GRAPHMAP_NEO4J_URI" ] || scripts/neo4j-server install || echo "The tests that need a Neo4j server will be skipped." >&2
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint warmup
	$(BIN)/pytest --numprocesses $$(($$(nproc) + 1)) --dist loadfile

bench: environment ## how fast logs become events and questions are answered, beside other tools; SIZE=50M: more
	$(BIN)/python -m tests.bench.scan
	$(BIN)/python -m tests.bench.zeek
	$(BIN)/python -m tests.bench.readers
	$(BIN)/python -m tests.bench.paths --sizes $(SIZE)

bench-api: environment ## how long answers over HTTP take, with 1, 8 and 32 clients; EVENTS=1M: fewer
	$(BIN)/python -m tests.bench.api --events $(EVENTS)

bench-spark: environment ## hops on Spark beside one process: times, bytes moved, memory, skew; SIZE=1M,10M,50M: more
	$(BIN)/python -m tests.bench.cluster --sizes $(SIZE)

lint: environment ## ruff, its formatter, mypy, the floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

warmup: environment
	$(BIN)/graphmap warmup

format: environment ## let ruff mend and format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

openapi: environment ## write docs/openapi.json anew from the code
	scripts/openapi

lock: ## write constraints.txt anew from pyproject.toml
	scripts/lock

clean: ## remove the environment, caches and built packages
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -prune -exec rm -rf {} +

environment:
	@scripts/environment
