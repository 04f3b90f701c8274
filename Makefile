# make demo: from a bare clone to a scored session. make test: everything CI checks.
# Needs Python 3.11 or newer, make and git; the rest is installed into .venv.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

export MLFLOW_DISABLE_TELEMETRY := true
export DVC_NO_ANALYTICS := 1
export HF_HUB_OFFLINE := 1
export HF_HUB_DISABLE_TELEMETRY := 1

.PHONY: demo test lint unit clean

demo: $(INSTALLED)
	PATH="$(CURDIR)/$(BIN):$$PATH" dvc repro
	@cat reports/evaluation/report.txt scores/report.txt

test: lint
	$(BIN)/python -m pytest

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(INSTALLED)
	$(BIN)/python -m pytest tests/unit tests/reference

# torch first and by its pin: a range may pull several GB of CUDA libraries.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train,dev]'
	touch $@

clean:
	rm -rf .venv models/rift reports scores data/processed mlflow.db mlruns
