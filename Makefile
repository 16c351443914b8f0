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

test: $(BIN)/dgbench lint
	$(BIN)/pytest -m 'not slow' --numprocesses auto

# Once more with shapes checked, without tests/cli: the command line's options are not as annotated.
test-slow: $(BIN)/dgbench
	$(BIN)/pytest -m slow --numprocesses auto
	$(BIN)/pytest -m 'not slow' --numprocesses auto tests/data_gen tests/dgbench tests/baselines \
		--jaxtyping-packages=data_gen,dgbench,baselines,tests.shape_checker.checked

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
