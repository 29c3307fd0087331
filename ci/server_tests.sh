#!/usr/bin/env bash
# pg_regress, isolation specs and the examples, against the server that the environment names.
set -euo pipefail
cd "$(dirname "$0")/.."
make --no-print-directory installcheck
regress=$("${PG_CONFIG:-pg_config}" --pgxs | sed 's,/makefiles/pgxs.mk$,/test/regress/pg_regress,')
examples=$(cd examples/sql && ls ./*.sql | sed 's,^\./\(.*\)\.sql$,\1,')
# shellcheck disable=SC2086
"$regress" --bindir="$("${PG_CONFIG:-pg_config}" --bindir)" --inputdir=examples --outputdir=examples/output \
    --dbname=pg_migrate_examples $examples
