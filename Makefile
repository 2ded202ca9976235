# Everything happens in .venv, made from the lock files. GNU make 3.81 (macOS) is enough.

PYTHON ?= python3
BIN = .venv/bin
PIP = PIP_USER=0 $(BIN)/python -m pip --disable-pip-version-check install --quiet
# One process more than the machine has cores: some tests wait for what they have started.
PYTEST = $(BIN)/pytest -n $$(( $$($(BIN)/python -c 'import os; print(os.cpu_count())') + 1 )) --dist loadfile --no-loadscope-reorder -q
LOCK = uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --custom-compile-command "make lock"

.PHONY: help demo quick test soak bench lock clean static bank
.DEFAULT_GOAL = help
# The tests start hundreds of processes: they find modules compiled.
unexport PYTHONDONTWRITEBYTECODE

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1: /p' Makefile

DEMO = we_recur:we_recur:. rnn_step:rnn_step:rnn_step value_iteration:value_iteration.jsonl:value_iteration

demo: .venv/runtime ## grade the sample submissions into out/ and print the marks
	@rm -rf out
	@for each in $(DEMO); do IFS=:; set -- $$each; unset IFS; \
	$(BIN)/python -m grader grade problems/$$1 submissions/$$2 -o out/$$3; code=$$?; \
	if [ $$code -gt 1 ]; then exit $$code; fi; test -s out/$$3/marks.csv || exit 1; done

quick: .venv/dev ## lint, and the tests without a process, database or browser
	$(BIN)/ruff check .
	$(PYTEST) --quick

test: .venv/dev ## lint, types, layers and tests; COVERAGE=--cov measures how much of the code they run
	$(MAKE) --no-print-directory -j 2 static bank
	$(PYTEST) $(COVERAGE)

static: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bank: .venv/dev
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m grader check problems

soak: .venv/dev ## the tests that take longer
	$(PYTEST) -m soak

bench: .venv/dev ## measure, and print the tables
	GRADER_ASSERT_TIMES=1 $(BIN)/pytest -q -m bench
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/parse.py
	$(BIN)/python benchmarks/equality.py
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/mistakes.py
	$(BIN)/python benchmarks/sandbox.py
	$(BIN)/python benchmarks/check.py
	$(BIN)/python benchmarks/service.py
	$(BIN)/python benchmarks/road.py
	$(BIN)/python benchmarks/road.py --shared-assets

lock: .venv/dev ## write the lock files anew
	$(BIN)/$(LOCK) pyproject.toml requirements-build.in --output-file requirements.lock
	$(BIN)/$(LOCK) pyproject.toml requirements-build.in --extra web --extra check --group dev --output-file requirements-dev.lock

clean: ## remove what was made
	rm -rf .venv out dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed, and $(PYTHON) is older; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo "This Python cannot make virtual environments; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/runtime: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
