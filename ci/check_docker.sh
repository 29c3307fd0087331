#!/usr/bin/env bash
# The Dockerfile, built by buildah, and what comes out of it tried. No registry is asked for anything: in the place of the official image of PostgreSQL
# stands one that is made here, of Debian 12 and its PostgreSQL 15, which has that server in the same directories. Where docker or podman reach a
# registry, "docker build ." is all that is needed.
# $1: the directory of the releases; see ci/release.sh. As root or by sudo.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { echo "usage: $0 releases" >&2; exit 2; }
. ci/release.sh
as_root '' ci/check_docker.sh "$@"
mkdir -p "$1"
releases=$(cd "$1" && pwd)
ci/need.sh buildah
root=$releases/docker
storage=$releases/containers
unpack_release "$releases/bookworm.bare" bookworm

# Neither the user's own images nor his settings; a chroot is isolation enough for a build, and works in a container too.
buildah() { command buildah --root "$storage" --runroot "$storage.run" --storage-driver vfs "$@"; }
clean_up() {
    buildah rm --all >/dev/null 2>&1 || true
    buildah rmi --all --force >/dev/null 2>&1 || true
    rm -rf "$root" "$storage" "$storage.run"
}
lock_release "$root"
trap clean_up EXIT
clean_up

echo '== the stand-in for the official image'
cp -a "$releases/bookworm.bare" "$root"
give_network "$root"
in_release "$root" DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes sh -ec '
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends postgresql-15 >/dev/null
    rm -rf /var/lib/apt/lists/*'
container=$(buildah from scratch)
buildah copy --quiet "$container" "$root" / >/dev/null
buildah commit --quiet "$container" docker.io/library/postgres:15-bookworm >/dev/null
buildah rm "$container" >/dev/null

echo '== the Dockerfile'
buildah build --isolation chroot --network host --pull-never --build-arg PG_MAJOR=15 --tag pg_migrate .

echo '== what is in the image'
container=$(buildah from --pull-never localhost/pg_migrate)
# shellcheck disable=SC2016
buildah run --isolation chroot --network host --volume "$PWD/examples/sql:/examples:ro" "$container" -- bash -ec '
    ! command -v g++ >/dev/null || { echo "the compiler has come along" >&2; exit 1; }
    [ ! -e /usr/src/pg_migrate ] || { echo "the sources have come along" >&2; exit 1; }
    ls -l /usr/lib/postgresql/15/lib/pg_migrate.so /usr/share/postgresql/15/extension/pg_migrate*
    pg_virtualenv -v 15 psql -X -q -v ON_ERROR_STOP=1 -f /examples/concurrent_index.sql'
echo 'image: passed'
