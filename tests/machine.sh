# Sourced by run.sh: what the tests take from the machine, and a PostgreSQL of their own on loopback.
missing=""
wanted=""
command -v chromium >/dev/null || wanted="$wanted chromium"
command -v chromium-headless-shell >/dev/null || wanted="$wanted chromium-headless-shell"
command -v pdfsig >/dev/null || wanted="$wanted poppler-utils"
command -v qpdf >/dev/null || wanted="$wanted qpdf"
command -v openssl >/dev/null || wanted="$wanted openssl"
PATH=$PATH:/usr/sbin command -v nats-server >/dev/null || wanted="$wanted nats-server"
PATH=$PATH:/usr/sbin command -v nginx >/dev/null || wanted="$wanted nginx"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
if [ -n "$wanted" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing for the tests:$wanted"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $wanted; } >/dev/null 2>&1 ||
        echo "apt-get could not install:$wanted"
fi

as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

start_postgresql() {
    # Without autovacuum: statistics that it takes between two rolled-back tests say "empty" of tables that are full.
    PGBIN=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -1)") || return 1
    [ -x "$PGBIN/initdb" ] || return 1
    PGHOME=$(mktemp -d) && PGPORT_OWN=$((20000 + $$ % 20000))
    [ "$(id -u)" = 0 ] && chown postgres "$PGHOME"
    as_postgres "$PGBIN/initdb" -D "$PGHOME/data" -A trust -U kartini -E UTF8 --no-sync >/dev/null || return 1
    as_postgres "$PGBIN/pg_ctl" -D "$PGHOME/data" -w -l "$PGHOME/log" -o "-h 127.0.0.1 -p $PGPORT_OWN -k $PGHOME -c fsync=off -c autovacuum=off -c max_connections=200" start >/dev/null || return 1
    POSTGRESQL_URL="postgres://kartini@127.0.0.1:$PGPORT_OWN/postgres"
}

stop_postgresql() {
    [ -n "$PGHOME" ] || return 0
    as_postgres "$PGBIN/pg_ctl" -D "$PGHOME/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$PGHOME"
    PGHOME=""
}
