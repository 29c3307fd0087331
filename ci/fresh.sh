#!/usr/bin/env bash
# What a stranger does first: a clone and one call of make, on a bare Debian 12 that has git and make and nothing else of what is needed.
# What is committed is cloned; every case begins on a machine of its own, and its time is printed.
#   $1   the directory of the releases; half a GB, and about 2 GB for the time of a case
#   $2…  the cases, as target:who. who is root, whose clone is /root/pg_migrate, or user: one with sudo and with umask 077, whose clone is in a
#        directory with a blank in its name, where nobody else can look
# PG_MIGRATE_TEST_DATA as for ci/tap_tests.sh, DEBIAN_MIRROR as for ci/release.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -ge 2 ] || { echo "usage: $0 directory target:who..." >&2; exit 2; }
. ci/release.sh
as_root PG_MIGRATE_TEST_DATA ci/fresh.sh "$@"
mkdir -p "$1"
releases=$(cd "$1" && pwd)
shift
base=$releases/bookworm.bare
machine=$releases/fresh
unpack_release "$base" bookworm
lock_release "$machine"
trap 'rm -rf "$machine"' EXIT

# Without a terminal, and with no locale set, as after a minimal installation.
clone_and_make='
    umask "$1"
    mkdir -p "$2"
    cd "$2"
    git -c advice.detachedHead=false clone -q /srv/pg_migrate.bundle pg_migrate
    cd pg_migrate
    make "$3"'

failed=()
TIMEFORMAT='%R s, of a processor %U s for itself and %S s in the system'
for case in "$@"; do
    target=${case%:*} who=${case#*:}
    echo "==== make $target, as $who"
    rm -rf "$machine"
    cp -a "$base" "$machine"
    give_network "$machine"
    git -c safe.directory="$PWD" bundle create -q "$machine/srv/pg_migrate.bundle" HEAD
    environment=()
    if [ -n "${PG_MIGRATE_TEST_DATA:-}" ]; then
        cp -r "$PG_MIGRATE_TEST_DATA" "$machine/srv/data"
        environment=(PG_MIGRATE_TEST_DATA=/srv/data)
    fi
    case $who in
    root) run=(sh -ec "$clone_and_make" sh 022 /root "$target") ;;
    user)
        in_release "$machine" sh -ec '
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends sudo adduser >/dev/null
            adduser --quiet --disabled-password --gecos "" stranger
            echo "stranger ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/stranger
            rm -rf /var/lib/apt/lists/*' >"$machine.log" 2>&1 || { cat "$machine.log"; exit 1; }
        run=(runuser -u stranger -- env HOME=/home/stranger USER=stranger PATH=/usr/local/bin:/usr/bin:/bin
            sh -ec "$clone_and_make" sh 077 '/home/stranger/my clones' "$target")
        ;;
    *) echo "$0: root or user, not \"$who\"" >&2; exit 2 ;;
    esac
    time in_release "$machine" "${environment[@]}" "${run[@]}" </dev/null || failed+=("$case")
done
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}"; exit 1; }
echo "passed: $*"
