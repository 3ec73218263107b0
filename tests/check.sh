#!/bin/sh
# make check: lint, format, types, walls, templates, translations, migrations. Every part runs; any fault fails.
cd "$(dirname "$0")/.." || exit 1
B=.venv/bin
fail=0
part() { name=$1; shift; printf '%-14s' "$name"; if out=$("$@" 2>&1); then echo ok; else echo FAILED; echo "$out" | tail -40; fail=1; fi; }
part lint         $B/ruff check .
part format       $B/ruff format --check .
part types        $B/mypy src tests benchmarks
part walls        $B/lint-imports
part templates    $B/djlint --lint --quiet --configuration pyproject.toml src
part translations $B/kartini messages check
part migrations   $B/kartini manage makemigrations --check --dry-run
part house        $B/kartini check
exit $fail
