#!/usr/bin/env bash
# The TAP tests start servers, which refuse to run as root: there they run as the user postgres, on a copy that it can read.
set -euo pipefail
cd "$(dirname "$0")/.."
config=${PG_CONFIG:-pg_config}
pgxs=$(dirname "$(dirname "$("$config" --pgxs)")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r test examples "$work"
if [ -n "${PG_MIGRATE_TEST_DATA:-}" ]; then
    mkdir "$work/data"
    cp -r "$PG_MIGRATE_TEST_DATA"/cratesio "$work/data"
    export PG_MIGRATE_TEST_DATA=$work/data
fi
run=()
if [ "$(id -u)" -eq 0 ]; then
    chown -R postgres "$work"
    run=(runuser -u postgres --)
fi
cd "$work"
"${run[@]}" env PATH="$("$config" --bindir):$PATH" TESTDIR="$work" TESTDATADIR="$work/tmp_check" TESTLOGDIR="$work/log" \
    PG_REGRESS="$pgxs/test/regress/pg_regress" PERL5LIB="$pgxs/test/perl" PG_CONFIG="$config" \
    prove "${TAP_OPTIONS:---timer}" test/t/ ||
    { tail -n 40 "$work"/log/*.log "$work"/tmp_check/log/* 2>/dev/null | tail -n 200; exit 1; }
