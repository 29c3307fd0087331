#!/usr/bin/env bash
# pg_regress, isolation specs and the examples, against the server that the environment names.
set -euo pipefail
cd "$(dirname "$0")/.."
config=${PG_CONFIG:-pg_config}
if [ "${1:-}" != examples ]; then
    # Without it, what needs it would be left out.
    [ -e "$("$config" --sharedir)/extension/pgm_test.control" ] ||
        { echo "$0: the test module is not installed: make -C test/modules/pgm_test install" >&2; exit 1; }
    make --no-print-directory installcheck
fi

regress=$("$config" --pgxs | sed 's,/makefiles/pgxs.mk$,/test/regress/pg_regress,')
# The server reads examples/migrations, and may run as a user who cannot read this tree.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
chmod 755 "$copy"
cp -r examples/. "$copy"
chmod -R a+rX "$copy"
mkdir -p build/examples
output=$PWD/build/examples
names=$(cd examples/sql && printf '%s\n' *.sql | sed 's/\.sql$//')
# Not from here: 16 looks for what is expected in the current directory first, where the other tests have theirs.
cd "$copy"
# shellcheck disable=SC2086
"$regress" --bindir="$("$config" --bindir)" --inputdir="$copy" --outputdir="$output" \
    --dbname=pg_migrate_examples $names
