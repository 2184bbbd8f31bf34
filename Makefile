# Every target sets itself up. What a line does can be typed as well.

PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
READY   = $(VENV)/ready
TESTING = $(VENV)/ready-for-tests
SPHINX  = $(BIN)/sphinx-build -q -W --keep-going docs docs/_build

.PHONY: demo run test test-all bench bench-fairness bench-memory lint docs packages clean news

demo: $(READY)
	@$(BIN)/pushsvc demo

run: $(READY)
	$(BIN)/twistd -n --pidfile= --logger pushsvc.logs.text pushsvc --config tap/demo.toml

test: packages lint $(TESTING)
	@sh tests/parts $(BIN)/pytest -m 'not long'
	$(SPHINX)

# What takes longer than one wants to wait for: also large crash tests.
test-all: packages lint $(TESTING)
	@sh tests/parts $(BIN)/pytest

# What a push costs here; it says in which surroundings. docs/reference/performance.md has figures to compare with.
bench: $(TESTING)
	@sh bench/packages
	$(BIN)/python -m bench

# What a push network that hangs costs those on another, and what one that is down costs in memory.
bench-fairness: $(TESTING)
	$(BIN)/python -m bench.fairness

bench-memory: $(TESTING)
	$(BIN)/python -m bench.memory

lint: $(TESTING)
	$(BIN)/ruff check .
	$(BIN)/mypy

# To be read at docs/_build/index.html. Parts of it are drawn from code and tests, so it needs what they need.
docs: $(TESTING)
	$(SPHINX)

# What tests meet besides Python: real XMPP servers, a real database. tests/packages says what it could not install.
packages:
	@sh tests/packages
	@sh bench/packages

$(READY): setup.cfg pyproject.toml
	@sh tests/virtualenv "$(PYTHON)" "$(VENV)"
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(TESTING): $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

news: $(TESTING)
	$(BIN)/towncrier build --draft --version next

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis docs/_build
