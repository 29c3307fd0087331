#!/usr/bin/env bash
# clang-format on everything, clang-tidy on the layers that need no server. $1: the build directory.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
git ls-files 'src/*.[ch]pp' 'test/*.[ch]pp' | xargs clang-format --dry-run -Werror
cmake -S . -B "$build" -G Ninja -DPG_MIGRATE_BENCH=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
git ls-files 'src/core/*.cpp' 'src/files/*.cpp' 'src/model/*.cpp' 'src/executor/*.cpp' |
    xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet --warnings-as-errors='*' 2> >(grep -v 'warnings generated' >&2)
echo 'lint: nothing found'
