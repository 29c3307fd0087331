#!/usr/bin/env bash
# Tests against a server built with assertions and valgrind's client requests from Debian's source package.
#   $1  the build directory
#   $2  check:    pg_regress, isolation specs, examples and TAP tests
#       valgrind: pg_regress with every server process under valgrind (slow)
#       databases: those that the server's own tests and its contrib modules' leave, and those of packaged programs, each made from nothing and
#         taken back (test/pairs/from_nothing.py)
# PG_MIGRATE_ASSERT_SERVER names the prefix of such a server, if there is one already.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1"
build=$(cd "$1" && pwd) what=$2
source_tree=$build/postgresql
server=${PG_MIGRATE_ASSERT_SERVER:-$build/server}

ci/need.sh g++ libboost-dev libtomlplusplus-dev libipc-run-perl valgrind bison flex libreadline-dev zlib1g-dev libicu-dev libssl-dev \
    pkg-config dpkg-dev

fetch_source() {
    [ -d "$source_tree" ] && return
    local list=$build/sources.list
    echo "deb-src http://deb.debian.org/debian $(. /etc/os-release && echo "$VERSION_CODENAME") main" >"$list"
    mkdir -p "$build/lists"
    local apt=(-o Dir::Etc::SourceList="$list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$build/lists")
    apt-get "${apt[@]}" update -qq
    local package
    package=postgresql-$(pg_config --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
    (cd "$build" && apt-get "${apt[@]}" source -qq --download-only "$package")
    mkdir "$source_tree"
    tar xf "$build/$package"_*.orig.tar.bz2 -C "$source_tree" --strip-components 1
}

if [ ! -x "$server/bin/postgres" ]; then
    fetch_source
    (cd "$source_tree" &&
        ./configure --quiet --prefix="$server" --enable-cassert --enable-debug --enable-tap-tests --with-icu --with-ssl=openssl \
            CFLAGS='-O1 -g -fno-omit-frame-pointer -DUSE_VALGRIND' &&
        # As the first make of all: another one's child takes the generated headers for made.
        unset MAKELEVEL MAKEFLAGS MFLAGS && make -s -j"$(nproc)" world-bin && make -s install-world-bin)
fi

# A copy of the tree: its objects are built for this server.
tree=$build/tree
mkdir -p "$tree"
git ls-files -z | xargs -0 cp -p --parents -t "$tree"
export PG_CONFIG=$server/bin/pg_config PATH=$server/bin:$PATH
make -C "$tree" -s -j"$(nproc)" all install
make -C "$tree/test/modules/pgm_test" -s install

work=$(mktemp -d)
chmod 755 "$work"
run=()
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$work"
    run=(runuser -u postgres --)
fi
export PGHOST=$work PGPORT=54399 PGUSER=postgres PGDATABASE=postgres
"${run[@]}" "$server/bin/initdb" -D "$work/data" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >/dev/null
cat >>"$work/data/postgresql.conf" <<EOF
unix_socket_directories = '$work'
listen_addresses = ''
port = $PGPORT
fsync = off
EOF
stop() {
    "${run[@]}" "$server/bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

case $what in
check)
    "${run[@]}" "$server/bin/pg_ctl" -D "$work/data" -l "$work/log" -w start >/dev/null
    (cd "$tree" && ci/server_tests.sh) || { "$tree"/ci/show_differences.sh; grep -nE -A12 "TRAP:|terminated by signal" "$work/log" | head -120; exit 1; }
    if grep -E 'TRAP:|terminated by signal' "$work/log"; then exit 1; fi
    (cd "$tree" && ci/tap_tests.sh)
    ;;
databases)
    fetch_source
    "${run[@]}" "$server/bin/pg_ctl" -D "$work/data" -l "$work/log" -w start >/dev/null
    # Whether the server passes its own tests is not asked here; what they leave is wanted. The server writes into their directories.
    [ "$(id -u)" -ne 0 ] || chown -R postgres "$source_tree/src/test/regress" "$source_tree/contrib"
    unset MAKELEVEL MAKEFLAGS MFLAGS
    make -s -C "$source_tree/src/test/regress" installcheck >"$build/regress.out" 2>&1 || true
    for module in "$source_tree"/contrib/*/sql; do
        make -s -C "$(dirname "$module")" installcheck USE_MODULE_DB=1 >>"$build/regress.out" 2>&1 || true
    done
    packaged=$("$tree/ci/packaged_schemas.sh" "$build/packaged")
    { psql -XAt -c "SELECT datname FROM pg_database WHERE datname ~ 'regression' ORDER BY 1" && echo "$packaged"; } |
        xargs /usr/bin/python3 "$tree/test/pairs/from_nothing.py"
    if grep -E 'TRAP:|terminated by signal' "$work/log"; then exit 1; fi
    ;;
valgrind)
    fetch_source
    "${run[@]}" valgrind --quiet --leak-check=no --trace-children=yes --track-origins=yes --error-markers=VALGRINDERROR-BEGIN,VALGRINDERROR-END \
        --suppressions="$source_tree/src/tools/valgrind.supp" --log-file="$work/valgrind.%p.log" \
        "$server/bin/postgres" -D "$work/data" >"$work/log" 2>&1 &
    until "$server/bin/pg_isready" -q; do sleep 1; done
    status=0
    make -C "$tree" --no-print-directory installcheck ISOLATION= || status=1
    "${run[@]}" "$server/bin/pg_ctl" -D "$work/data" -m fast -w -t 300 stop >/dev/null ||
        echo 'the server had stopped by itself' && tail -20 "$work/log"
    if grep -l VALGRINDERROR-BEGIN "$work"/valgrind.*.log; then
        cat "$work"/valgrind.*.log | head -200
        exit 1
    fi
    [ $status -eq 0 ] && echo 'valgrind: no report'
    exit $status
    ;;
*)
    echo "usage: $0 build-directory check|databases|valgrind" >&2
    exit 2
    ;;
esac
