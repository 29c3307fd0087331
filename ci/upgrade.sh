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
    export PG_CONFIG="$home/bin/pg_config" PG_MIGRATE_SERVERS="${homes# }"
    ci/tap_tests.sh test/t/053_pg_upgrade.pl'

unpack_release "$root" upgrade
lock_release "$root"
give_network "$root"
for server in "${servers[@]}"; do
    give_tree "$root" "root/pg_migrate.$server"
done
in_release "$root" LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes bash -euc "$inside" bash "${servers[@]}"
