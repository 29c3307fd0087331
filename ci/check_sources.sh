#!/usr/bin/env bash
# The rules of CONTRIBUTING.md that a search can check. Prints every violation; fails if there is one.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
# refuse <what is wrong> <grep's output>
refuse() {
    [ -z "$2" ] && return
    printf '%s:\n%s\n' "$1" "$2"
    failed=1
}
# code <find's conditions> -- <pattern>: where the code, comments aside, matches.
code() {
    local conditions=()
    while [ "$1" != -- ]; do
        conditions+=("$1")
        shift
    done
    find src -name '*.[ch]pp' "${conditions[@]}" -print0 | sort -z |
        xargs -0 awk -v pattern="$2" '{ line = $0; sub(/\/\/.*/, "", line); if (line ~ pattern) print FILENAME ":" FNR ": " $0 }'
}

refuse 'server calls outside src/pg and src/worker' \
    "$(code -not -path 'src/pg/*' -not -path 'src/worker/*' -- '(^|[^A-Za-z_])(SPI_[a-z_]+|ereport|elog|palloc0?|pfree|CHECK_FOR_INTERRUPTS|PG_TRY|PG_CATCH) *[(]')"
refuse 'errors are raised in src/pg/boundary.cpp only' \
    "$(code -not -path 'src/pg/boundary.cpp' -- '(^|[^A-Za-z_])(ereport *[(] *(ERROR|FATAL|PANIC)|elog *[(] *(ERROR|FATAL|PANIC)|PG_TRY|PG_RE_THROW|ReThrowError)')"
refuse 'sigsetjmp belongs to the boundary' \
    "$(code -not -path 'src/pg/boundary.*' -- 'sigsetjmp')"
refuse 'postgres.h is included by src/pg/postgres.hpp only' \
    "$(code -not -path 'src/pg/postgres.hpp' -- '#include "postgres[.]h"')"
refuse 'Boost is confined to one .cpp of the revisions and one of the schemas' \
    "$(for layer in src/core src/model; do grep -rlE '#include <boost/' "$layer" | tail -n +2; done; grep -rlE '#include <boost/' src | grep -vE '^src/(core|model)/')"
refuse 'the layers without a server include nothing of it, nor of other layers than src/core' \
    "$(for layer in core files model executor; do
        grep -rnE '#include ("|<(postgres|fmgr|funcapi|miscadmin|access|catalog|commands|executor|libpq|nodes|parser|storage|tcop|utils)[./])' "src/$layer" |
            grep -vE "#include \"(core|$layer)/[^\"]*[.]hpp\""
    done)"
refuse 'threads' "$(code -- '#include <(thread|mutex|future|condition_variable)>')"
refuse 'left open' "$(git grep -nE '\b(TODO|FIXME|XXX|HACK)\b' -- src install test ':!ci')"
refuse 'a script of ci/ that is not executable' "$(find ci -name '*.sh' -not -perm -u+x)"

# What has been released stays: an update starts from it.
sha256sum --quiet -c install/released.sha256 || failed=1

# Every function of the install scripts belongs to the extension's owner, is taken from PUBLIC and has a comment.
install_scripts=(install/*.sql install/upgrade/*--*--*.sql)
while read -r script name; do
    for wanted in "ALTER FUNCTION @extschema@.$name(" "REVOKE ALL ON FUNCTION @extschema@.$name(" "COMMENT ON FUNCTION @extschema@.$name("; do
        grep -qF "$wanted" "$script" || { echo "$script: no $wanted"; failed=1; }
    done
done < <(grep -oE '^CREATE FUNCTION @extschema@\.[a-z_]+\(' "${install_scripts[@]}" | sed -E 's/:.*@[.]/ /; s/[(]$//')
refuse 'install script: a grant' "$(grep -nE '^ *GRANT ' "${install_scripts[@]}")"
refuse 'install script: OR REPLACE would adopt what somebody has planted' "$(grep -nE 'OR REPLACE|IF NOT EXISTS' "${install_scripts[@]}")"

# Every SQLSTATE is documented.
while read -r code; do
    grep -q "$code" docs/errors.md || { echo "docs/errors.md: no $code"; failed=1; }
done < <(sed -nE 's/.*= "(MG[0-9]{3})";/\1/p' src/core/error.hpp)

ci/check_docs.py || failed=1
ci/check_meta.py || failed=1

[ $failed -eq 0 ] && echo 'sources: the rules hold'
exit $failed
