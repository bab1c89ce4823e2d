# The project's verbs. All set-up is in them: a fresh Debian and `make demo` or `make test`.
.PHONY: setup demo test check bench golden accuracy clean
BIN := .venv/bin

setup:
	@scripts/setup

demo: setup
	@$(BIN)/python -m sim demo

test: setup
	@scripts/setup-tests
	$(BIN)/pytest -q -n auto --dist loadgroup

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	@$(BIN)/python -m bench

golden: setup
	$(BIN)/pytest -q tests/golden --update-golden
	$(BIN)/python -m sim.pictures docs/pictures

clean:
	rm -rf .venv .cache out build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis bench/.venv
