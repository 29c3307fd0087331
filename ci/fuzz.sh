#!/usr/bin/env bash
# Runs every fuzzer for $2 seconds under the address and undefined-behaviour sanitizers. $1: the build directory.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 seconds=$2
cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DPG_MIGRATE_FUZZ=ON -DPG_MIGRATE_SANITIZE=address,undefined >/dev/null
for source in test/fuzz/*.cpp; do
    name=$(basename "$source" .cpp)
    cmake --build "$build" --target "$name"
    mkdir -p "$build/corpus/$name"
    echo "== $name, $seconds s"
    "$build/$name" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$build/" \
        "$build/corpus/$name" "test/fuzz/corpus/$name" 2>&1 | tail -20
done
