# make run     a backtest of the reference strategy on real prices; the last line is the path of its run directory
# make test    lint, types, tests
# make clean   remove what these two made, except runs
#
# Both need only make and Python 3.11 or newer with its venv module. PYTHON=python3.12 make run takes another interpreter;
# make run ARGS="slippage.bps=10" hands arguments to runner. pip's own configuration (index, proxy, certificates) holds.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

BIN := $(VENV)/bin
SLOW := tests/simulation tests/oracle tests/integration tests/e2e
# Two processes, each with whole files: tests of one file may build on one another. Of the slow ones the longest files come
# first, and not, as is usual, those with the most tests.
ABREAST := -n 2 --dist loadfile

# Only an interpreter asked for in words replaces an environment that works; plain `make` keeps whichever Python is in it.
ASKED := $(if $(filter file,$(origin PYTHON)),,$(PYTHON))

MAKEFLAGS += --no-print-directory
.PHONY: run test clean environment

run: environment
	@$(call install,run,sample$(comma)backtrader)
	@$(BIN)/runner $(ARGS)

# Tests start the command hundreds of times: each would compile every file of Runner anew where Python is told to keep nothing.
test: export PYTHONDONTWRITEBYTECODE :=
test: environment
	@$(call install,test,sample$(comma)backtrader$(comma)joblib$(comma)dask$(comma)optuna$(comma)dev)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest $(ABREAST) $(addprefix --ignore=,$(SLOW)) tests
	$(BIN)/python -m pytest $(ABREAST) --no-loadscope-reorder $(wildcard $(SLOW))

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find runner tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Install Runner with the named extras, unless that was done since pyproject.toml last changed. The mark lives inside the
# environment and vanishes with it, and it is looked at only after the environment was seen to.
comma := ,
define install
test $(VENV)/.installed-$(1) -nt pyproject.toml || { \
  echo 'Installing Runner into $(VENV); the first time takes a minute or two.' >&2; \
  $(BIN)/python -m pip install --quiet --editable '.[$(2)]' && touch $(VENV)/.installed-$(1); }
endef

# An environment counts only if it was finished, in this folder (its scripts hold absolute paths), and its Python runs.
environment:
	@$(PYTHON) -c '' || { \
	  echo 'make: $(PYTHON) does not run. Install Python 3.11 or newer, or name one: PYTHON=python3.12 make run' >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) -V 2>&1)." \
	    'Name a newer one: PYTHON=python3.12 make run' >&2; exit 2; }
	@version='import sys; print(sys.version_info[:2])'; \
	has=$$($(BIN)/python -c "$$version" 2>/dev/null) || has=none; \
	wants=$$has; test -z '$(ASKED)' || wants=$$($(PYTHON) -c "$$version"); \
	made=$$(cat $(VENV)/.made-in 2>/dev/null); \
	if test "$$has" = none || test "$$has" != "$$wants" || test "$$made" != '$(CURDIR)'; then \
	  rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && echo '$(CURDIR)' > $(VENV)/.made-in; \
	fi
