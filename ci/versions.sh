#!/usr/bin/env bash
# The suites on the other supported servers, each where Debian has it: a release of Debian is unpacked beside the tree, once, and the suites run in it.
#   $1   the directory of the releases; about 2 GB for each
#   $2…  code names of the releases: trixie has PostgreSQL 17, sid has 18; experimental, which is sid with some packages more, has 19 before it is released
# DEBIAN_MIRROR is where packages come from. PG_MIGRATE_TEST_DATA as for ci/tap_tests.sh. SUITES are the targets of make.
# The tests may write anywhere in their copy of the tree, and their servers end with them: mounts and processes have namespaces of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 2 ] || { echo "usage: $0 directory code-name..." >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=DEBIAN_MIRROR,PG_MIGRATE_TEST_DATA,SUITES "$0" "$@"
mkdir -p "$1"
releases=$(cd "$1" && pwd)
shift
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
suites=${SUITES:-build-and-install unit oracle server-tests tap-tests}

# The release $1, bare.
unpack() {
    local root=$releases/$1 base=${1/#experimental/sid}
    [ ! -e "$root/.unpacked" ] || return 0
    ci/need.sh debootstrap debian-archive-keyring
    rm -rf "$root"
    debootstrap --variant=minbase --include=ca-certificates,git,make "$base" "$root" "$mirror" >"$root.log" ||
        { tail -n 20 "$root.log"; return 1; }
    # No package starts a server: its port could be that of one of this machine.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    if [ "$1" = experimental ]; then
        echo "deb $mirror experimental main" >"$root/etc/apt/sources.list.d/experimental.list"
        printf 'Package: postgresql-*19* libpq*\nPin: release a=experimental\nPin-Priority: 990\n' >"$root/etc/apt/preferences.d/experimental"
    fi
    touch "$root/.unpacked"
}

# What the network of this machine needs, and the tree as it is, without what has been built in it.
fill() {
    local root=$releases/$1
    cp --remove-destination /etc/resolv.conf /etc/hosts "$root/etc"
    apt-config dump | grep -E '^Acquire::(.*::)?(Proxy|Check-Valid-Until) ' >"$root/etc/apt/apt.conf.d/99host" || true
    rm -rf "$root/root/pg_migrate" "$root/root/data"
    mkdir "$root/root/pg_migrate"
    git -c safe.directory="$PWD" ls-files -z | xargs -0 cp -p --parents -t "$root/root/pg_migrate"
    [ -z "${PG_MIGRATE_TEST_DATA:-}" ] || cp -r "$PG_MIGRATE_TEST_DATA" "$root/root/data"
}

# Runs inside the namespaces.
# shellcheck disable=SC2016
inside='
    set -e
    mount --rbind /dev "$1/dev"
    mount -t proc proc "$1/proc"
    exec chroot "$1" env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        ${2:+PG_MIGRATE_TEST_DATA=/root/data} sh -ec "
            cd /root/pg_migrate
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get upgrade -y -qq >/dev/null
            [ -z \"$4\" ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $4 >/dev/null
            for suite in $3; do
                echo \"== \$suite\"
                make --no-print-directory \$suite
            done
            echo \"== passed on \$(pg_config --version)\""'

failed=()
for release in "$@"; do
    echo "==== $release"
    unpack "$release"
    fill "$release"
    # sid has the one before; the tests take the newest.
    extra=
    [ "$release" != experimental ] || extra="postgresql-19 postgresql-server-dev-19"
    unshare --mount --pid --fork --kill-child sh -c "$inside" sh "$releases/$release" "${PG_MIGRATE_TEST_DATA:-}" "$suites" "$extra" ||
        failed+=("$release")
done
[ ${#failed[@]} -eq 0 ] || { echo "failed on: ${failed[*]}"; exit 1; }
echo "passed on: $*"
