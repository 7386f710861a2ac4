# make app        install what is missing, then open the dashboard      (PORT=5006)
# make test       run the tests                                         (WORKERS=2, PYTEST_ARGS=...)
# make bench      what a symmetry costs on this machine                 (BENCH_ARGS="--device cuda")
# make help       the other targets
#
# Everything happens in .venv, made with the first Python >= 3.11 found; PYTHON=/path/to/python
# chooses another one. pip reads its own settings (PIP_*, pip.conf) as usual.

PYTHON ?=
PORT ?= 5006
WORKERS ?= 2
PYTEST_ARGS ?=
BENCH_ARGS ?=

BIN := .venv/bin
RUN := $(BIN)/python -m
STAMP := .venv/installed
EXTRAS := app,notebooks,test,accessibility
CONSTRAINTS := .constraints/3.11.txt .constraints/3.13.txt
# Python 3.11 has versions of its own; every newer one shares those of 3.13.
INSTALL = $(RUN) pip install --quiet --disable-pip-version-check --constraint .constraints/$\
    $$($(BIN)/python -c 'import sys; print("3.11" if sys.version_info < (3, 12) else "3.13")').txt
ZOO := data/zoo/rbc-resnet-plain.safetensors
DEMO := data/demo/rayleigh_benard.zarr data/demo/quasi_geostrophic.zarr
# A browser opens by itself only where there is a screen.
SHOW := $(if $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter Darwin,$(shell uname -s))),--show)

.DEFAULT_GOAL := help
.PHONY: help setup app test check format notebooks lab bench demo-data data-readme zoo constraints \
    clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## make .venv and install the package with what app, notebooks and tests need

$(STAMP): pyproject.toml $(CONSTRAINTS)
	@set -e; \
	fits() { "$$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	    >/dev/null 2>&1; }; \
	if ! fits $(BIN)/python; then \
	    for python in $(or $(PYTHON),python3.11 python3.12 python3.13 python3); do \
	        if fits "$$python"; then chosen=$$python; break; fi; \
	    done; \
	    if [ -z "$${chosen:-}" ]; then \
	        echo "Symdyn needs Python 3.11 or newer with its venv module; tried:" \
	            "$(or $(PYTHON),python3.11 python3.12 python3.13 python3)." >&2; \
	        echo "Install one (Debian: python3 python3-venv)," \
	            "or name one: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python" >&2; \
	        exit 1; \
	    fi; \
	    echo "Making .venv with $$chosen ($$("$$chosen" --version))"; \
	    "$$chosen" -m venv --clear .venv; \
	fi; \
	echo "Installing the package and what it needs into .venv (some minutes the first time)"; \
	$(INSTALL) --editable '.[$(EXTRAS)]'; \
	touch $@

app: $(STAMP) $(DEMO) $(ZOO) ## serve the dashboard on PORT and open it
	@echo "Symdyn: http://localhost:$(PORT)/app  (Ctrl-C stops it)"
	@$(RUN) panel serve app --port $(PORT) --warm --reuse-sessions warm $(SHOW)

test: $(STAMP) ## run the tests
	OMP_NUM_THREADS=1 $(RUN) pytest -n $(WORKERS) $(PYTEST_ARGS)

check: $(STAMP) ## style and types
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

format: $(STAMP) ## mend what ruff can mend
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

notebooks: $(STAMP) $(DEMO) $(ZOO) ## run every notebook from top to bottom
	OMP_NUM_THREADS=1 $(RUN) pytest notebooks $(PYTEST_ARGS)

lab: $(STAMP) $(DEMO) $(ZOO) ## open the notebooks in JupyterLab
	$(RUN) jupyterlab notebooks

bench: $(STAMP) ## time layers, networks and training (installs the bench extra)
	$(INSTALL) --editable '.[$(EXTRAS),bench]'
	OMP_NUM_THREADS=1 $(BIN)/symdyn bench layers $(BENCH_ARGS)
	OMP_NUM_THREADS=1 $(BIN)/symdyn bench models $(BENCH_ARGS)
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/training_step.py
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/off_lattice.py

demo-data: $(STAMP) ## simulate the convection and the ocean of the demo anew
	$(BIN)/symdyn data make rayleigh_benard --preset small
	$(BIN)/symdyn data make quasi_geostrophic --preset small
	$(BIN)/python -c 'from symdyn_core.experiments import budgets, ocean_zoo, rbc_zoo; \
	    from symdyn_core.paths import data_directory; \
	    raw, past = data_directory() / "raw", budgets.SMALL.past; \
	    rbc_zoo.write_demo(raw / "rayleigh_benard_small.zarr", past); \
	    ocean_zoo.write_demo(raw / "quasi_geostrophic_small.zarr", past)'

data-readme: $(STAMP) ## write data/README.md from the catalogue
	$(BIN)/symdyn data readme --out data/README.md

zoo: $(STAMP) ## train the zoo anew (hours on a CPU)
	$(BIN)/symdyn zoo build

# Demo data and weights come with the clone; these rules serve one that lacks them.
$(DEMO):
	@test -e $@ || $(MAKE) demo-data
$(ZOO):
	@$(MAKE) zoo

constraints: $(STAMP) ## write .constraints/ anew for the newest releases
	$(BIN)/python .constraints/update.py 3.11
	$(BIN)/python .constraints/update.py 3.13

clean: ## remove .venv and everything that was made, but no data
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find symdyn_core app tests benchmarks notebooks -name __pycache__ -prune -exec rm -rf {} +
