#!/usr/bin/env bash
# What the failed tests of server_tests.sh have printed otherwise: last, where whoever reads the end of the output finds it.
set -euo pipefail
cd "$(dirname "$0")/.."
for differences in regression.diffs output_iso/regression.diffs build/examples/regression.diffs; do
    [ ! -s "$differences" ] || head -n 200 "$differences"
done
