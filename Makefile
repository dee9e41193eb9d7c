# The room's commands. `make run` and `make test` need nothing installed by hand but Python, make and a shell.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
TYPED := $(wildcard liveroom display ingest cli setup app.py run.py)
BROWSER_TESTS := $(wildcard tests/browser/*.test.js tests/browser/*/*.test.js)
# Half of what a test of real processes lasts is waiting, so there are more workers than cores: seven on two cores were
# slower than five, and by eight the ports go.
WORKERS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 6 ? cores + 3 : 8)))
LINTS := lint-style lint-types lint-imports lint-browser
# Where the machine has no Node, set-up put one into .venv/bin.
WITH_NODE := PATH="$(CURDIR)/.venv/bin:$$PATH"
NODE_TESTS := $(WITH_NODE) node --test --test-reporter=dot $(BROWSER_TESTS)

.PHONY: help setup run test pages-alone soak axe browser-tests pictures lint $(LINTS) bench lock outdated advisories licences

help:
	@echo "make run    set up and serve the drill room (LIVEROOM_PORT, default 8000)"
	@echo "make test   set up, lint, and run every test with the servers they need"
	@echo "make setup  set up alone      make lint   read the code alone"
	@echo "make bench  measure           make lock   renew the locked requirements"
	@echo "make pictures    render the golden pictures anew, and docs/tour.md with them"
	@echo "make outdated    which locked packages are behind, and since when"
	@echo "make advisories  known weaknesses of what is locked, where a source of advisories answers"
	@echo "make licences    licences of what is installed, and where their texts lie"
	@echo "make soak   walk every door with whatever strangers may send (SOAK_MINUTES=10 SOAK_SEED=1), and make axe"
	@echo "make axe    look at every page, as every kind of visitor, in every state, with axe-core; prints the table"

setup:
	@setup/all.sh

run: setup
	@exec $(PYTHON) run.py --drill --speed 60 --from 07:00 --history 8w

# Everything is run even when one part fails, so that one look tells all. What needs the pages' files alone is looked at
# while pip brings the rest, the other lint beside pytest; what they say comes whole after its summary, and the last line
# says what failed.
test:
	@pages=$$(mktemp); beside=$$(mktemp); failed=""; job=""; \
	trap 'kill $$job 2>/dev/null || true; rm -f "$$pages" "$$pages.failed" "$$beside"' EXIT; \
	setup/test_programs.sh & programs=$$!; \
	setup/all.sh bash -c "$(MAKE) pages-alone >$$pages 2>&1 || touch $$pages.failed"; wait $$programs; \
	$(MAKE) lint LINTS="$(filter-out lint-browser,$(LINTS))" >"$$beside" 2>&1 & job=$$!; \
	$(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder || failed+=" pytest"; \
	wait $$job || failed+=" lint"; \
	[ ! -e "$$pages.failed" ] || failed+=" lint-browser-or-browser-tests"; \
	echo "=== lint and browser tests"; cat "$$beside" "$$pages"; \
	[ -z "$$failed" ] || { echo "FAILED:$$failed"; exit 1; }; \
	echo "all passed"

# Run by the set-up itself, which it must not wait for.
pages-alone:
	@failed=""; \
	$(MAKE) lint-browser || failed+=" lint-browser"; \
	$(NODE_TESTS) || failed+=" browser-tests"; \
	[ -z "$$failed" ] || { echo "FAILED:$$failed"; exit 1; }

# On all cores: the walks share them. Says how many calls it made by route and status; a fault is repeated by its seed.
# Then what `make test` leaves to chance a quarter as often.
soak: setup
	@setup/test_programs.sh
	@$(PYTHON) -m pytest -m soak -n auto --dist load -p no:logging tests/soak
	@SOAK=1 $(PYTHON) -m pytest -m often -n auto --dist load

# What `make soak` does with every page, by itself.
axe: setup
	@setup/test_programs.sh
	@$(PYTHON) -m pytest -m soak -n auto --dist load -p no:logging tests/soak/test_every_page.py

browser-tests: setup
	@$(NODE_TESTS)

# Look at what changed before it is committed: the suite compares with these.
pictures: setup
	@$(WITH_NODE) $(PYTHON) -m tests.golden.pictures

lint: setup
	@$(MAKE) --keep-going $(LINTS)

$(LINTS): export PATH := $(CURDIR)/.venv/bin:$(PATH)
lint-style:
	@ruff check --quiet --output-format=concise .
	@ruff format --check --quiet .
lint-types:
	@mypy $(TYPED)
lint-imports:
	@lint-imports --no-logo
lint-browser:
	@node node_modules/typescript/bin/tsc --project tsconfig.json

bench: setup
	@[ -f bench/run.py ] || { echo "bench/run.py does not exist yet: nothing to measure" >&2; exit 1; }
	@$(PYTHON) bench/run.py

# Lock with the oldest Python supported, so that what only it needs is in the lock too.
lock: setup
	@for name in run dev node audit; do \
	  (cd requirements && CUSTOM_COMPILE_COMMAND="make lock" ../$(PYTHON) -m piptools compile --quiet --upgrade \
	    --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host \
	    --no-emit-find-links --output-file $$name.txt $$name.in); \
	done
	@$(WITH_NODE) npm install --package-lock-only --no-fund --no-audit

# Both ask the registries that pip and npm are set to, and nobody else; exit 3 of the program: one did not answer.
outdated: setup
	@$(WITH_NODE) $(PYTHON) -m setup.outdated
advisories: setup
	@$(WITH_NODE) $(PYTHON) -m setup.advisories

# Exit 1 names what tells no licence, or one that nobody here has read: docs/licences.md.
licences: setup
	@$(PYTHON) -m setup.licences
