#!/usr/bin/env bash
# pg_upgrade from the oldest server to the newest that Debian has released, over the one between, each with the extension built for it: in a release of
# Debian beside this machine's own that has them all.
#   $1   the directory of the releases; about 3 GB
# DEBIAN_MIRROR as for ci/release.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { echo "usage: $0 directory" >&2; exit 2; }
. ci/release.sh
as_root '' ci/upgrade.sh "$@"
servers=(15 17 18)
mkdir -p "$1"
root=$(cd "$1" && pwd)/upgrade

# Runs in the release.
# shellcheck disable=SC2016
inside='
    apt-get update -qq
    apt-get dist-upgrade -y -qq >/dev/null
    homes=
    for server in "$@"; do
        apt-get install -y -qq --no-install-recommends "postgresql-$server" "postgresql-server-dev-$server" >/dev/null
        homes="$homes /usr/lib/postgresql/$server"
    done
    for home in $homes; do
        cd "/root/pg_migrate.${home##*/}"
        echo "== building for PostgreSQL ${home##*/}"
        make --no-print-directory build-and-install PG_CONFIG="$home/bin/pg_config"
    done
    make --no-print-directory deps
    export PG_CONFIG="$home/bin/pg_config"
    # Whether a database with nothing of ours comes from one of them to the other: a server that lags behind with its minor releases does not know what
    # the later of an older one has written.
    can_upgrade() {
        local from=/usr/lib/postgresql/$1 to=/usr/lib/postgresql/$2 plain
        plain=$(runuser -u postgres -- mktemp -d)
        local as=(runuser -u postgres -- env -C "$plain")
        "${as[@]}" "$from/bin/initdb" --no-sync -D from >log 2>&1
        "${as[@]}" "$to/bin/initdb" --no-sync --no-data-checksums -D to >>log 2>&1 || "${as[@]}" "$to/bin/initdb" --no-sync -D to >>log 2>&1
        "${as[@]}" "$from/bin/postgres" --single -D from postgres <<<"CREATE TABLE t (a int)" >>log 2>&1
        "${as[@]}" "$to/bin/pg_upgrade" -d from -D to -b "$from/bin" -B "$to/bin" -s "$plain" >>log 2>&1
    }
    cd "/root/pg_migrate.${home##*/}"
    chains=("15 17 18")
    if ! can_upgrade 17 18; then
        echo "== left out: from 17 to 18. pg_upgrade fails here with a table of anybody: $(/usr/lib/postgresql/17/bin/postgres --version), $(/usr/lib/postgresql/18/bin/postgres --version)"
        chains=("15 17" "15 18")
    fi
    for chain in "${chains[@]}"; do
        echo "== from ${chain// / to }"
        PG_MIGRATE_SERVERS="${chain//1/\/usr\/lib\/postgresql\/1}" ci/tap_tests.sh test/t/053_pg_upgrade.pl
    done'

unpack_release "$root" upgrade
lock_release "$root"
give_network "$root"
for server in "${servers[@]}"; do
    give_tree "$root" "root/pg_migrate.$server"
done
in_release "$root" LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes bash -euc "$inside" bash "${servers[@]}"
