#!/usr/bin/env bash
# The archive for PGXN, built, installed and tested by PGXN's own client in a bare Debian 12.
#   $1  the archive
#   $2  the directory of the releases; see ci/release.sh
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 2 ] || { echo "usage: $0 archive releases" >&2; exit 2; }
. ci/release.sh
as_root '' ci/check_dist.sh "$@"
mkdir -p "$2"
releases=$(cd "$2" && pwd)
root=$releases/dist
unpack_release "$releases/bookworm.bare" bookworm
lock_release "$root"
trap 'rm -rf "$root"' EXIT
rm -rf "$root"
cp -a "$releases/bookworm.bare" "$root"
give_network "$root"
cp "$1" "$root/srv/"
# The packages are those that README.md tells people to install.
packages=$(sed -n 's/^apt-get install //p' README.md)
[ -n "$packages" ] || { echo "$0: README.md says no more what to install" >&2; exit 1; }
# shellcheck disable=SC2016
in_release "$root" LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes MAKEFLAGS="-j$(nproc) -s" bash -ec '
    archive=$1
    shift
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" pgxnclient postgresql >/dev/null
    export PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config
    echo "== pgxn install"
    pgxn install --yes "$archive"
    echo "== pgxn check"
    MAKEFLAGS= pg_virtualenv -o max_worker_processes=16 pgxn check "$archive"
    echo "== pgxn load"
    pg_virtualenv sh -ec "pgxn load --yes -d postgres $archive && psql -d postgres -c \"SELECT migrate_graph()\""
    ' sh "/srv/$(basename "$1")" $packages
echo "archive: passed"
