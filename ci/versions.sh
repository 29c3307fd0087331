#!/usr/bin/env bash
# The suites on every supported server that Debian has, each in the release that has it: the release is unpacked beside the tree, once, and the
# suites run in it. What has failed on one of them does not keep the others from running; the last lines say how each has gone.
#   $1   the directory of the releases; about 2 GB for each
#   $2…  code names of the releases; without any, all of the table below
# PG_MIGRATE_TEST_DATA as for ci/tap_tests.sh. SUITES are the targets of make. DEBIAN_MIRROR as for ci/release.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
# Which server a release has. No release of Debian has 16. Experimental is sid with some packages more, such as those of a server before it is released.
declare -A server_of=([bookworm]=15 [trixie]=17 [sid]=18 [experimental]=19)
[ $# -ge 1 ] || { echo "usage: $0 directory [code-name...]" >&2; exit 2; }
for release in "${@:2}"; do
    [ -n "${server_of[$release]:-}" ] || { echo "$0: unknown release \"$release\"; there are bookworm, trixie, sid and experimental" >&2; exit 2; }
done
. ci/release.sh
as_root PG_MIGRATE_TEST_DATA,SUITES ci/versions.sh "$@"
mkdir -p "$1"
releases=$(cd "$1" && pwd)
shift
[ $# -ge 1 ] || set -- bookworm trixie sid experimental
read -ra suites <<<"${SUITES:-build-and-install unit oracle server-tests tap-tests}"

# Runs in the release: $1 is the server that it has, the others are the suites.
# shellcheck disable=SC2016
inside='
    server=$1
    shift
    cd /root/pg_migrate
    apt-get update -qq
    apt-get dist-upgrade -y -qq >/dev/null
    # Where a release has several, the tests take the newest.
    apt-get install -y -qq --no-install-recommends "postgresql-$server" "postgresql-server-dev-$server" >/dev/null
    failed=
    for suite in "$@"; do
        echo "== $suite on PostgreSQL $server"
        make --no-print-directory "$suite" || failed="$failed $suite"
        # Nothing else makes sense without it.
        [ "$failed" != " build-and-install" ] || break
    done
    case $(pg_config --version) in
    "PostgreSQL $server"[.a-z]*) echo "== this was $(pg_config --version)" ;;
    *) failed="$failed (they ran on $(pg_config --version): see the table in ci/versions.sh)" ;;
    esac
    [ -z "$failed" ] || { echo "== failed:$failed"; exit 1; }'

summary=()
status=0
for release in "$@"; do
    server=${server_of[$release]} root=$releases/$release
    echo "==== PostgreSQL $server, in $release"
    SECONDS=0
    if unpack_release "$root" "$release" && lock_release "$root"; then
        give_network "$root"
        give_tree "$root" root/pg_migrate
        environment=(LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes)
        rm -rf "$root/root/data"
        if [ -n "${PG_MIGRATE_TEST_DATA:-}" ]; then
            cp -r "$PG_MIGRATE_TEST_DATA" "$root/root/data"
            environment+=(PG_MIGRATE_TEST_DATA=/root/data)
        fi
        result=passed
        in_release "$root" "${environment[@]}" bash -euc "$inside" bash "$server" "${suites[@]}" || result=FAILED
    else
        result='FAILED: the release could not be used'
    fi
    [ "$result" = passed ] || status=1
    summary+=("PostgreSQL $server ($release): $result, after $SECONDS s")
done
echo "==== ${suites[*]}"
printf '%s\n' "${summary[@]}"
exit $status
