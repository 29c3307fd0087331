#!/usr/bin/env bash
# The TAP tests start servers, which refuse to run as root: there they run as the user postgres, on a copy that it can read.
# $@: the tests to run, as test/t/NNN_name.pl; all without. PG_MIGRATE_TEST_DATA names a directory with data of other projects; the tests
# that need what is not there say so; so with PG_MIGRATE_TEST_TOOLS, programs from npm. TAP_OPTIONS are prove's.
set -euo pipefail
cd "$(dirname "$0")/.."
config=${PG_CONFIG:-pg_config}
pgxs=$(dirname "$(dirname "$("$config" --pgxs)")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/test"
cp -r test/t "$work/test"
cp -r examples sql "$work"
if [ -n "${PG_MIGRATE_TEST_DATA:-}" ]; then
    mkdir "$work/data"
    [ ! -d "$PG_MIGRATE_TEST_DATA/cratesio" ] || cp -r "$PG_MIGRATE_TEST_DATA/cratesio" "$work/data"
    chmod -R u+w "$work/data"
    export PG_MIGRATE_TEST_DATA=$work/data
fi
# The programs of others that `make check-tools` has installed.
if [ -n "${PG_MIGRATE_TEST_TOOLS:-}" ]; then
    cp -r "$PG_MIGRATE_TEST_TOOLS" "$work/tools"
    chmod -R a+rX "$work/tools"
    export PG_MIGRATE_TEST_TOOLS=$work/tools
fi
run=()
if [ "$(id -u)" -eq 0 ]; then
    chown -R postgres "$work"
    run=(runuser -u postgres --)
fi
cd "$work"
read -ra options <<<"${TAP_OPTIONS:---timer -j3}"
tests=("$@")
if [ $# -eq 0 ]; then
    # They run side by side; the longest come first, so that none is left to run alone at the end.
    longest=(test/t/043_own_dump.pl test/t/041_derived_history.pl test/t/030_crash_resume.pl test/t/001_cratesio.pl test/t/032_crash_within_statement.pl)
    mapfile -t others < <(printf '%s\n' test/t/*.pl | grep -vxF "$(printf '%s\n' "${longest[@]}")")
    tests=("${longest[@]}" "${others[@]}")
fi
# What the failed tests have said, and their servers.
show_failures() {
    local log test
    grep -l '# Looks like' tmp_check/log/regress_log_* | while read -r log; do
        test=${log#*regress_log_}
        echo "== $test"
        tail -n 60 "$log"
        tail -n 40 tmp_check/log/"$test"_*.log
    done
    # What failed comes last: it is what is left of an output that is cut.
    echo "== failed:"
    grep -A 4 '#   Failed test\|# Looks like' tmp_check/log/regress_log_* | sed 's/^[^:]*regress_log_//; s/\[[0-9:.]*\](\([0-9.]*\)s) //'
}
"${run[@]}" env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE -u PGOPTIONS -u PGCLUSTER \
    PATH="$("$config" --bindir):$PATH" TESTDIR="$work" TESTDATADIR="$work/tmp_check" TESTLOGDIR="$work/tmp_check/log" \
    PG_REGRESS="$pgxs/test/regress/pg_regress" PERL5LIB="$pgxs/test/perl" PG_CONFIG="$config" \
    prove "${options[@]}" "${tests[@]}" ||
    { show_failures; exit 1; }
