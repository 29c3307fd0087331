#!/usr/bin/env bash
# Runs a command with the libpq environment of a throw-away cluster, of the version that pg_config names.
set -euo pipefail
version=$("${PG_CONFIG:-pg_config}" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
exec pg_virtualenv -v "$version" -o fsync=off -o max_worker_processes=16 "$@"
