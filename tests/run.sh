#!/bin/sh
# make test: each system alone, then all together on SQLite and on PostgreSQL, then in the browser.
# PostgreSQL, Chromium and the PDF tools come from the machine, or by apt where this user may install.
cd "$(dirname "$0")/.." || exit 1
. tests/machine.sh
B=.venv/bin
fail=0
trap 'stop_postgresql' EXIT
trap 'exit 130' INT TERM
$B/kartini messages compile || fail=1

for app in src/kartini/systems/*/apps.py; do
    system=$(basename "$(dirname "$app")")
    echo "== $system alone"
    KARTINI_SYSTEMS=$system $B/pytest -q -m "not browser and not faults" "src/kartini/systems/$system" || fail=1
done
echo "== together, on SQLite"
$B/pytest -q -n 2 -m "not browser and not faults" || fail=1
if start_postgresql; then
    echo "== together, on PostgreSQL (journeys bring databases of their own, but for the relay's)"
    KARTINI_DATABASE_URL=$POSTGRESQL_URL $B/pytest -q -n 2 -m "not browser and not faults" \
        src tests/contracts tests/journeys/test_relay.py || fail=1
else
    missing="$missing postgresql"
fi
if command -v chromium >/dev/null; then
    echo "== in the browser"
    $B/pytest -q -p no:randomly -m browser tests/browser src/kartini || fail=1
else
    missing="$missing chromium"
fi
[ -z "$missing" ] || echo "NOT RUN for want of:$missing (apt-get install$missing, then make test)"
exit $fail
