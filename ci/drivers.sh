#!/usr/bin/env bash
# The workflow of the tutorial through each driver, and through a pooler, against the server that the environment names.
# $@: some of the programs of test/drivers, as psql, libpq, psycopg2, psycopg3, sqlalchemy, jdbc, node_postgres, pgbouncer; all without.
set -euo pipefail
cd "$(dirname "$0")/.."
source=$PWD/test/drivers
build=$PWD/${BUILD:-build}/drivers
jar=/usr/share/java/postgresql.jar
config=${PG_CONFIG:-pg_config}
names=("$@")
[ $# -gt 0 ] || names=(psql libpq psycopg2 psycopg3 sqlalchemy jdbc node_postgres pgbouncer)
: "${PGHOST:=localhost}" "${PGPORT:=5432}" "${PGUSER:=postgres}"
export PGHOST PGPORT PGUSER PYTHONDONTWRITEBYTECODE=1 NODE_PATH=$build/node_modules
mkdir -p "$build"
work=$(mktemp -d)
passed=0
failed=0

is_wanted() { [[ " ${names[*]} " == *" $1 "* ]]; }

# What is to be compiled or fetched first.
prepare() {
    if is_wanted libpq; then
        cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -O1 -I"$("$config" --includedir)" -o "$build/with_libpq" \
            "$source/with_libpq.c" -L"$("$config" --libdir)" -lpq -pthread
    fi
    if is_wanted jdbc; then
        javac -Xlint:all -Werror -d "$build" -cp "$jar" "$source/WithJdbc.java"
    fi
    if is_wanted node_postgres && ! cmp -s "$source/package-lock.json" "$build/installed.json"; then
        cp "$source/package.json" "$source/package-lock.json" "$build"
        (cd "$build" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
        cp "$source/package-lock.json" "$build/installed.json"
    fi
}

# Sets `command`, what runs a program.
set_command() {
    case $1 in
    psql) command=(bash "$source/with_psql.sh") ;;
    libpq) command=("$build/with_libpq" "$source") ;;
    jdbc) command=(java -cp "$build:$jar" WithJdbc "$source") ;;
    node_postgres) command=(node "$source/with_node_postgres.js") ;;
    *) command=(/usr/bin/python3 "$source/with_$1.py") ;;
    esac
}

# pgbouncer with the settings of the manual, on a port of its own. It refuses to run as root.
start_pooler() {
    pooler_port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    local server="host=$PGHOST port=$PGPORT" run=()
    printf '"%s" "%s"\n' "$PGUSER" "${PGPASSWORD:-}" >"$work/users"
    {
        # drivers_one: one connection of the server for all clients, so that each comes upon what the one before has left.
        # drivers_session: the same in session mode, with its server_reset_query.
        printf '%s\n' '[databases]' "drivers_one = $server dbname=drivers_pgbouncer pool_size=1" \
            "drivers_session = $server dbname=drivers_pgbouncer pool_size=1 pool_mode=session" "* = $server"
        cat "$source/pgbouncer.ini"
        printf '%s\n' 'listen_addr = 127.0.0.1' "listen_port = $pooler_port" 'unix_socket_dir =' 'auth_type = trust' \
            "auth_file = $work/users" "admin_users = $PGUSER" "pidfile = $work/pid" "logfile = $work/log"
    } >"$work/pgbouncer.ini"
    if [ "$(id -u)" -eq 0 ]; then
        chown -R postgres "$work"
        run=(runuser -u postgres --)
    fi
    "${run[@]}" pgbouncer -q -d "$work/pgbouncer.ini"
    for _ in $(seq 50); do
        PGHOST=127.0.0.1 PGPORT=$pooler_port psql -X -q -o /dev/null -c 'SHOW VERSION' pgbouncer 2>/dev/null && return
        sleep 0.1
    done
    cat "$work/log"
    return 1
}

at_end() {
    [ ! -e "$work/pid" ] || kill "$(cat "$work/pid")" || true
    rm -rf "$work"
}
trap at_end EXIT

# What no client may leave behind: a worker, a run, a lock of pg_migrate's, an open transaction, an index that is not valid.
leftovers() {
    psql -X -q -At -v ON_ERROR_STOP=1 -d "$1" 2>&1 <<'SQL'
SELECT backend_type || ' ' || pid FROM pg_stat_activity WHERE backend_type LIKE 'pg_migrate%' AND datname = current_database()
UNION ALL SELECT 'transaction of process ' || pid FROM pg_stat_activity
    WHERE datname = current_database() AND (state LIKE 'idle in transaction%' OR state = 'active' AND pid <> pg_backend_pid())
UNION ALL SELECT locktype || ' lock of process ' || pid FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
    WHERE d.datname = current_database() AND locktype IN ('object', 'advisory') AND pid <> pg_backend_pid()
UNION ALL SELECT 'run ' || run || ' ' || state FROM migrate.run WHERE state <> 'finished'
UNION ALL SELECT 'begun: ' || revision FROM migrate.journal
UNION ALL SELECT 'invalid: ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid;
SQL
}

result() { # ok or not ok, what
    echo "$1 - $2"
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# Runs a program with a database of its own, and counts the lines that it prints.
run() { # program, label, database, VARIABLE=value of its environment ...
    local output=$build/output status=0 left command
    echo "== $2"
    psql -X -q -v ON_ERROR_STOP=1 -d postgres -c "DROP DATABASE IF EXISTS $3 WITH (FORCE)" -c "CREATE DATABASE $3" 2>/dev/null
    set_command "$1"
    env PGDATABASE="$3" "${@:4}" timeout 180 "${command[@]}" >"$output" 2>&1 </dev/null || status=$?
    cat "$output"
    passed=$((passed + $(grep -c '^ok - ' "$output" || true)))
    failed=$((failed + $(grep -c '^not ok - ' "$output" || true)))
    # One that stops halfway has not said what is wrong.
    if grep -qx finished "$output" && { [ "$status" -eq 0 ] || grep -q '^not ok - ' "$output"; }; then
        result ok "$2 has come to its end"
    else
        result 'not ok' "$2 has come to its end (status $status)"
    fi
    # A process that is told to end takes a moment.
    for _ in $(seq 30); do
        left=$(leftovers "$3") || left="no answer: $left"
        [ -n "$left" ] || break
        sleep 0.1
    done
    if [ -z "$left" ]; then
        result ok "$2 has left nothing behind"
    else
        result 'not ok' "$2 has left nothing behind"
        printf '# %s\n' "${left//$'\n'/$'\n'# }"
    fi
}

prepare
for name in "${names[@]}"; do
    [ "$name" = pgbouncer ] || run "$name" "$name" "drivers_$name"
done
if is_wanted pgbouncer; then
    start_pooler
    pooled=(PGHOST=127.0.0.1 "PGPORT=$pooler_port" DRIVERS_POOLED=1)
    for name in "${names[@]}"; do
        [ "$name" = pgbouncer ] || run "$name" "$name through pgbouncer" "drivers_$name" "${pooled[@]}"
    done
    run pgbouncer pgbouncer drivers_pgbouncer "${pooled[@]}" "DRIVERS_SERVER=host=$PGHOST port=$PGPORT"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
