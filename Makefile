# Netflix Data Labeling Lab on Airflow. `make` or `make help` lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV_VERSION := 0.13.9

CONF ?= {}
PORT ?= 8080
T ?=
RUN ?=
MAP ?=
PARAMS ?=
VERSION ?= previous
REASON ?=
IN ?=
BY ?=
TITLE ?=
RELEASE ?=
CATALOG ?=
OUT ?=
ADAPT ?=
TEST ?= tests
SPLITS ?= 8
SIZES ?=

export VERSION REASON RELEASE IN BY
override export CONF := $(value CONF)
override export PARAMS := $(value PARAMS)
override export TITLE := $(value TITLE)
override export CATALOG := $(value CATALOG)
override export OUT := $(value OUT)
# Without bytecode on disk every start of Airflow compiles it anew, for some seconds.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPATH := $(CURDIR):$(CURDIR)/plugins

.PHONY: help run summary test ui task explain score answers rollback check format bench bench-splits bench-answers bench-scale bench-score bench-pages lock wordnet setup clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

run: setup wordnet ## set up what is missing, run the whole workflow once, show what came out
	@$(PY) -m labeling_lab.run --conf "$$CONF"
	@$(PY) -m labeling_lab.summary

summary: setup ## show the newest run's summary again
	@$(PY) -m labeling_lab.summary

test: $(VENV)/.dev wordnet ## run every test (TEST=tests/label for some)
	@$(PY) -m pytest --numprocesses auto --dist loadgroup --no-loadscope-reorder $(TEST)

ui: setup wordnet ## serve Airflow with the workflow at http://localhost:8080 (PORT=8081 for another port)
	@$(PY) -m labeling_lab.ui --port $(PORT)

task: setup wordnet ## run one task alone: T=label [RUN=<run id>] [MAP=<index>] [PARAMS='{"seed": 7}']
	@test -n "$(T)" || { echo "Say which task, as in: make task T=label"; exit 2; }
	@$(PY) -m labeling_lab.task $(T) --run '$(RUN)' $(if $(MAP),--map-index $(MAP)) --params "$$PARAMS"

explain: setup ## show why a title has its label: TITLE=s1020 or TITLE="its name" [RELEASE=v0003] [ALL=1]
	@test -n "$$TITLE" || { echo 'Say which title, as in: make explain TITLE=s1020'; exit 2; }
	@$(PY) -m labeling_lab.explain_console $(if $(ALL),--all) --release "$$RELEASE" -- "$$TITLE"

score: setup ## score every title of a catalog: CATALOG=titles.csv [OUT=scores.parquet] [RELEASE=v0003] [ADAPT=false]
	@test -n "$$CATALOG" || { echo 'Say which catalog, as in: make score CATALOG=titles.csv'; exit 2; }
	@$(PY) -m labeling_lab.score_console --out "$$OUT" --release "$$RELEASE" $(if $(ADAPT),--adapt $(ADAPT)) -- "$$CATALOG"

answers: setup ## record what a person said about titles: IN=to_review.csv, filled in [BY=anna]
	@test -n "$$IN" || { echo 'Say which file, as in: make answers IN=to_review.csv [BY=anna]'; exit 2; }
	@$(PY) -m labeling_lab.answers --by "$$BY" -- "$$IN"

rollback: setup ## make another kept release the champion: REASON="why" [VERSION=v0003], else the one before
	@test -n "$$REASON" || { echo 'Say why, as in: make rollback REASON="too many false alarms" [VERSION=v0003]'; exit 2; }
	@$(PY) -m labeling_lab.rollback --version "$$VERSION" --reason "$$REASON"

check: $(VENV)/.dev ## lint, format, types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy

format: $(VENV)/.dev ## mend what lint and format can mend
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

bench: $(VENV)/.dev wordnet ## time the lab against the plain notebook way of the same work
	@$(PY) tests/bench/compare.py

bench-splits: $(VENV)/.dev ## measure the honest figures on SPLITS=8 other content splits: mean, spread, n
	@$(PY) tests/bench/splits.py $(SPLITS)

bench-answers: $(VENV)/.dev ## measure what people's answers are worth, simulated, on SPLITS=8 content splits
	@$(PY) tests/bench/answers.py $(SPLITS)

bench-scale: $(VENV)/.dev wordnet ## time every stage on 10 and 30 times the titles (an hour); SIZES="8807 88070"
	@$(PY) tests/bench/scale.py $(SIZES)

bench-score: $(VENV)/.dev ## score a million invented titles with the champion: titles a second, peak memory; SIZES="88070"
	@$(PY) tests/bench/score.py $(SIZES)

bench-pages: $(VENV)/.dev ## time every page of a running make ui: the first visit, the median of twenty more
	@$(PY) tests/bench/pages.py

lock: $(VENV)/.runtime ## resolve the dependencies again into the two lock files
	@for f in "requirements.txt -o requirements.lock" \
	          "pyproject.toml --extra dev --extra explain -o requirements-dev.lock"; do \
	  $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	    --custom-compile-command "make lock" $$f; done

clean: ## remove environments and caches; runs and releases stay
	@rm -rf $(VENV) .airflow .pytest_cache .ruff_cache .mypy_cache .hypothesis

setup: $(VENV)/.importable ## install everything and prepare Airflow's home, for the plain airflow command, too
	@$(PY) -m labeling_lab.home

wordnet: setup
	@$(PY) -m tasks.augment.wordnet

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "python -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.runtime: requirements.lock | $(VENV)/bin/uv
	@echo "Installing the locked dependencies"
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --require-hashes -r requirements.lock
	@touch $@

# The plain `airflow` command of the environment finds tasks/ and plugins/ without a PYTHONPATH.
$(VENV)/.importable: $(VENV)/.runtime
	@printf '%s\n' "$(CURDIR)" "$(CURDIR)/plugins" \
	  > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/labeling_lab.pth"
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the locked development dependencies"
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
