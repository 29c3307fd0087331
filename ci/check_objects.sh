#!/usr/bin/env bash
# What the built module exports, and that nothing in it is constructed when it is loaded.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

expected=$( (echo Pg_magic_func; echo _PG_init; echo pgm_worker_main; echo pgm_scratch_keeper_main; echo pgm_scratch_loader_main
    sed -nE "s/.*AS 'MODULE_PATHNAME', '([a-z_]+)'.*/\1\npg_finfo_\1/p" install/*.sql) | sort -u)
actual=$(nm -D --defined-only pg_migrate.so | awk '{print $3}' | sort -u)
if ! diff <(echo "$expected") <(echo "$actual"); then
    echo 'pg_migrate.so does not export exactly what the install script and the server call (< expected, > found)'
    failed=1
fi

# A namespace-scope object with a run-time constructor puts a function into .init_array.
for object in src/*/*.o; do
    if [[ $(objdump -h "$object") == *.init_array* ]]; then
        echo "$object: a namespace-scope object is constructed at run time"
        failed=1
    fi
done
[ $failed -eq 0 ] && echo 'objects: exports and constructors as they should be'
exit $failed
