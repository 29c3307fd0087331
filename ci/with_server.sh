#!/usr/bin/env bash
# Runs a command with the libpq environment of a throw-away cluster, of the version that pg_config names. FSYNC=on makes its commits durable, as those of a
# real server are.
set -euo pipefail
version=$("${PG_CONFIG:-pg_config}" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
# As root its cluster always has the same name, and one that a killed run has left behind would be in the way for ever.
leftover=/etc/postgresql/$version/regress
if [ -e "$leftover/.by_pg_virtualenv" ] && [[ $(pg_lsclusters -h "$version" regress 2>&1) != *online* ]]; then
    echo "removing the cluster $version/regress that an interrupted run has left"
    rm -rf "$leftover" "/var/lib/postgresql/$version/regress"
fi
# It would take the port of the environment, on which a server of the caller's may already listen.
unset PGPORT
exec pg_virtualenv -v "$version" -o fsync="${FSYNC:-off}" -o max_worker_processes=16 "$@"
