#!/usr/bin/env bash
# Installs the tools of test/bench/tools from npm into $1, at the versions of its lock file.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=test/bench/tools
# What npm notes down when it has installed everything; of the same lock file there is nothing to do.
if [ -e "$1/node_modules/.package-lock.json" ] && cmp -s "$tools/package-lock.json" "$1/package-lock.json"; then
    exit 0
fi
# A node that did not come as a Debian package will do, if it has npm.
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    ci/need.sh nodejs npm
fi
mkdir -p "$1"
rm -f "$1/node_modules/.package-lock.json"
cp "$tools/package.json" "$tools/package-lock.json" "$1"
npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
