# gradb's commands, each complete on a fresh clone. `make` alone lists them.
# Only results go to standard output; make's own progress goes to standard error.

MAKEFLAGS += --no-print-directory
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SOURCE ?= regression
PYTEST ?= -n auto --dist loadgroup
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python)

.PHONY: help run test check parity golden bench picture docs clean

help:
	@echo 'make run      open the regression scenario in the debugger (SOURCE=leaf opens another)'
	@echo 'make test     run every test (PYTEST="-x -k words" passes options to pytest)'
	@echo 'make check    lint, formatting, types and the direction of the imports'
	@echo 'make parity   install PyTorch and compare gradb with it, event by event'
	@echo 'make golden   write down what PyTorch gives for the tables; `make test` holds gradb against it without PyTorch'
	@echo 'make bench    measure gradb against numpy and PyTorch, and the speed of the debugger'
	@echo 'make picture  draw docs/debugger.svg from the running debugger'
	@echo 'make docs     write the parts of docs/ that are made from the code: keys, scenario format, course'
	@echo 'make clean    remove what these commands made'

run: .venv/.run
	@$(BIN)/gradb run $(SOURCE)

test: .venv/.dev
	@$(BIN)/python -m pytest $(PYTEST)

check: .venv/.dev
	@failed=0; for tool in 'ruff check' 'ruff format --check' pyright 'lint-imports --no-logo --no-cache'; do \
	  echo "-- $$tool"; $(BIN)/$$tool || failed=1; \
	done; exit $$failed

parity: .venv/.parity
	@$(BIN)/python -m pytest $(PYTEST) tests/parity

golden: .venv/.parity
	@PYTHONPATH=tests/support $(BIN)/python -m golden

bench: .venv/.run
	@PYTHONPATH=tests $(BIN)/python -m bench

picture: .venv/.run
	@mkdir -p docs
	@$(BIN)/python -m gradb_tui.picture docs/debugger.svg

docs: .venv/.run
	@PYTHONPATH=tests/support $(BIN)/python -m docpages

clean:
	@rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	@find core tui tests scenarios -name __pycache__ -prune -exec rm -rf {} +

# --- the environment: a stamp per set of packages; a change of pyproject.toml installs again

.venv/.run: pyproject.toml | $(BIN)/pip
	@echo 'gradb: installing into .venv ...' >&2
	@$(PIP) --editable . >&2
	@touch $@

.venv/.dev: pyproject.toml | $(BIN)/pip
	@echo 'gradb: installing with the development tools into .venv ...' >&2
	@$(PIP) --editable '.[dev]' >&2
	@touch $@ .venv/.run

# PyTorch publishes its CPU build for Linux on an index of its own (its install page names it). pip takes it from there
# when its configuration says so: PIP_EXTRA_INDEX_URL=... make parity. Otherwise it takes the default build, which is
# larger and gives the same numbers on the CPU.
.venv/.parity: pyproject.toml | .venv/.dev
	@echo 'gradb: installing PyTorch into .venv ...' >&2
	@$(PIP) --editable '.[dev,parity]' >&2
	@touch $@ .venv/.dev .venv/.run

# The first Python that is new enough and can make an environment; a pyenv shim that leads nowhere is passed over.
$(BIN)/pip:
	@for python in $(PYTHONS); do \
	  if "$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "gradb: creating .venv with $$("$$python" --version)" >&2; \
	    "$$python" -m venv .venv && exit 0; \
	    rm -rf .venv; exit 1; \
	  fi; \
	done; \
	echo 'gradb needs Python 3.11 or newer with its venv module, and found none among: $(PYTHONS)' >&2; \
	echo '  to do: install one (on Debian and Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python' >&2; \
	exit 1
