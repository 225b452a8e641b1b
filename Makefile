# make run, make test: all that a fresh machine needs is python3 (3.11 or newer) with venv, and make.
PYTHON ?= python3
CORES ?= 2
CONFIG ?=
SUBJECTS ?= reading normalising observing scoring calling quality kinship ancestry annotating consequences training
BIN = .venv/bin
READY = .venv/ready

.PHONY: help env run test test-slow test-all bench check format lock docs clean

help:
	@echo "make run [CONFIG=my.yaml] [CORES=2]   run the workflow (the demo without a CONFIG)"
	@echo "make test                             unit tests and those of the demo's run (five minutes)"
	@echo "make test-slow                        the other tests alone: whole runs, real data, simulations"
	@echo "make test-all                         every test"
	@echo "make bench [SUBJECTS=reading]         measure beside bcftools, plink2 and vt, where installed"
	@echo "     [OPTIONS='--large 200000']       options of the subject; --help lists them"
	@echo "make env                              make the environment .venv alone"
	@echo "make check                            linters, formats, snakemake --lint"
	@echo "make docs                             write config/README.md and docs/genes.md from schema and tables"
	@echo "make lock                             resolve envs/requirements.in anew"

env: $(READY)

$(READY): envs/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "permed needs Python 3.11 or newer as $(PYTHON); name another with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing; on Debian and Ubuntu run: apt-get install python3-venv"; exit 1; }
	@echo "Making the environment in .venv (about a minute, once)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r envs/requirements.txt
	@touch $(READY)

run: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --cores $(CORES) $(if $(CONFIG),--configfile $(CONFIG))

test: TIER = -m "not slow"
test-slow: TIER = -m slow

test test-slow test-all: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" pytest -n auto --maxprocesses 4 --dist loadgroup $(TIER)

bench: $(READY)
	@for subject in $(SUBJECTS); do PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH=scripts python tests/benchmarks/$$subject.py $(OPTIONS) || exit 1; done

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/snakefmt --check Snakefile rules
	@PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --lint

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/snakefmt Snakefile rules

docs: $(READY)
	@$(BIN)/python scripts/write_config_reference.py --schema config/schemas/config.schema.yaml --reference config/README.md
	@$(BIN)/python scripts/write_gene_reference.py --reference docs/genes.md

lock:
	@$(PYTHON) -m venv .venv/lock
	@.venv/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@.venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header envs/requirements.in -o envs/requirements.txt
	@$(PYTHON) envs/pin_conda.py

clean:
	@rm -rf .venv .snakemake .pytest_cache .ruff_cache .hypothesis
