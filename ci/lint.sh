#!/usr/bin/env bash
# clang-format on everything, clang-tidy on layers that need no server. $1: the build directory; others: the layers, those that clang-tidy takes minutes
# for without.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
layers=("$@")
[ $# -gt 0 ] || layers=(core files executor)
git ls-files 'src/*.[ch]pp' 'test/*.[ch]pp' | xargs clang-format --dry-run -Werror
cmake -S . -B "$build" -G Ninja -DPG_MIGRATE_BENCH=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
printf "src/%s/*.cpp\\n" "${layers[@]}" | xargs git ls-files |
    xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet --warnings-as-errors='*' 2> >(grep -v 'warnings generated' >&2)
echo 'lint: nothing found'
