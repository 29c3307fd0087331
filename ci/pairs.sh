#!/usr/bin/env bash
# Pairs of schemas of other projects, each turned into the other (test/pairs/pairs.py), against the server that the environment names.
# $1: a regular expression for some of them.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -d "${PG_MIGRATE_TEST_DATA:-}/pairs" ]; then
    echo 'skipped: PG_MIGRATE_TEST_DATA does not name a directory with pairs of schemas'
    exit 0
fi
PATH=$("${PG_CONFIG:-pg_config}" --bindir):$PATH exec /usr/bin/python3 test/pairs/pairs.py "$PG_MIGRATE_TEST_DATA/pairs" "$@"
