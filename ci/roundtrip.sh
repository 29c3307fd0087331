#!/usr/bin/env bash
# Random schemas there and back (test/roundtrip/roundtrip.py), against the server that the environment names. $1: the first seed; $2: how many.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$("${PG_CONFIG:-pg_config}" --bindir):$PATH exec /usr/bin/python3 test/roundtrip/roundtrip.py "$@"
