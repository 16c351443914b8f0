# The commands of everyday work. `make test` is the README's own; `.ci/run` adds the slow tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: test test-slow lint lock quickstart docs wheel clean

$(BIN)/dgbench: pyproject.toml baselines/results/pyproject.toml requirements-dev.lock
	@echo "Installing into $(VENV): some minutes, and 7 GB where torch comes with CUDA."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint requirements-dev.lock \
		--editable '.[dev]' --editable ./baselines/results
	@touch $@

# The shapes in annotations are checked where these rooms are tested. The others, the slow tests and
# every process that a test starts run the code as it is. tests/cli is no such room, since the command
# line's options are not as annotated.
SHAPED := tests/data_gen tests/dgbench tests/baselines
PYTEST := $(BIN)/pytest --numprocesses auto --dist worksteal

test: $(BIN)/dgbench lint
	$(PYTEST) -m 'not slow' $(SHAPED) \
		--jaxtyping-packages=data_gen,dgbench,baselines,tests.shape_checker.checked
	$(PYTEST) -m 'not slow' $(SHAPED:%=--ignore=%)

test-slow: $(BIN)/dgbench
	$(PYTEST) -m slow

lint: $(BIN)/dgbench
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The newest version of every package. Run it when the requirements in pyproject.toml change.
lock: $(BIN)/dgbench
	$(BIN)/python .ci/lock.py

quickstart: $(BIN)/dgbench
	$(BIN)/dgbench quickstart

# Strict: a dead link ends it. Its generators' advice to change to another generator is left out.
docs: $(BIN)/dgbench
	NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --strict --quiet

wheel: $(BIN)/dgbench
	.ci/wheel

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
