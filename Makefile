# make run · make test · make check · make bench.  Everything is installed into .venv; nothing system-wide but test tools.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE :=
.PHONY: setup run test check bench faults lock new-system messages shots

setup: .venv/.run ## prepare only; then .venv/bin/kartini is the command
run: .venv/.run ## a living Jepara on this machine
	@$(BIN)/kartini run --demo
test: .venv/.dev ## everything, on SQLite and PostgreSQL, each system alone, and in the browser
	@sh tests/run.sh
check: .venv/.dev ## lint, types, walls, templates, translations, migrations
	@sh tests/check.sh
bench: .venv/.dev ## figures, as ratios against a yardstick of the same run
	@$(BIN)/python -m benchmarks
faults: .venv/.dev ## kill -9, again and again
	@$(BIN)/pytest -m faults tests/faults src/kartini/systems
messages: .venv/.dev ## collect texts for translation, then fill locale/id
	@$(BIN)/kartini messages collect
new-system: .venv/.dev ## make new-system NAME=parkir
	@$(BIN)/kartini new-system $(NAME)
lock:
	cd requirements && for f in base dev; do ../$(BIN)/uv pip compile --python-version 3.11 --generate-hashes --no-header -q $$f.in -o $$f.txt; done

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Kartini needs Python 3.11 or newer")'
	@echo "Preparing .venv (once, about a minute) …" && $(PYTHON) -m venv .venv && $(BIN)/pip install -q --disable-pip-version-check uv
.venv/.run: .venv/bin/uv requirements/base.txt
	@$(BIN)/uv pip install -q --require-hashes --no-build --compile-bytecode -r requirements/base.txt
	@$(BIN)/uv pip install -q --no-deps --no-build-isolation -e . && $(BIN)/kartini prepare && touch $@
.venv/.dev: .venv/.run requirements/dev.txt
	@$(BIN)/uv pip install -q --require-hashes --no-build -r requirements/dev.txt && touch $@
