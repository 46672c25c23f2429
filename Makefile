# Every target sets up what it needs: git, make and Python 3.11+ are enough (bare Debian: apt-get install python3-venv once).
SHELL := /bin/bash
export UV_PYTHON_DOWNLOADS := never
UV := .tools/uv/bin/uv
RUN := $(UV) run --frozen --all-extras --no-extra chip
ARGS ?=

.PHONY: help demo story test test-all check format bench fuzz vectors docs clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(UV):
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@python3 -m venv .tools/uv && .tools/uv/bin/pip install --quiet --disable-pip-version-check 'uv==0.13.*'

demo: $(UV)  ## issuer, two platforms and a wallet on this machine, to try by hand
	@$(RUN) --no-dev bonafides demo $(ARGS)

story: $(UV)  ## the same way as a story without questions; exits 0 only if every step went as told (ARGS=--json)
	@$(RUN) --no-dev bonafides demo --script $(ARGS)

test: $(UV)  ## all tests that need only the Python index, PostgreSQL included
	$(RUN) pytest -n 2 -m "not slow and not foreign" $(ARGS)

test-all: $(UV)  ## every test: the slow ones, and foreign implementations from npm and Debian (its packages as root)
	scripts/need-node
	$(UV) run --frozen --all-extras $$(scripts/need-chip) pytest -n 2 -m "slow or foreign" $(ARGS)
	$(RUN) --group fuzz python -m tests.fuzz.atheris_run --inputs 2000

bench: $(UV)  ## measure against peers and the floor, in one run; writes benchmarks/results.json
	$(RUN) python -m benchmarks.run $(ARGS)

fuzz: $(UV)  ## coverage-guided fuzzing of every decoder (ARGS="--inputs 1000000 --target NAME")
	$(RUN) --group fuzz python -m tests.fuzz.atheris_run $(ARGS)

vectors: $(UV)  ## write our own vectors of the profile anew
	$(RUN) python -m tests.vectors.regenerate

docs: $(UV)  ## write the pages that list what is in the code
	$(RUN) python -m scripts.write_docs

check: $(UV)  ## format, lint, types
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy

format: $(UV)  ## let ruff format and sort
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

clean:  ## forget environments and caches
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
