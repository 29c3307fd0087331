#!/usr/bin/env bash
# Installs the tools that the package.json of a folder names from npm, at the versions of its lock file.
#   $1   the folder: test/tools, test/bench/tools
#   $2   where they go
set -euo pipefail
cd "$(dirname "$0")/.."
# What npm notes down when it has installed everything; of the same lock file there is nothing to do.
if [ -e "$2/node_modules/.package-lock.json" ] && cmp -s "$1/package-lock.json" "$2/package-lock.json"; then
    exit 0
fi
# A node that did not come as a Debian package will do, if it has npm.
if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    ci/need.sh nodejs npm
fi
mkdir -p "$2"
rm -f "$2/node_modules/.package-lock.json"
cp "$1/package.json" "$1/package-lock.json" "$2"
npm ci --prefix "$2" --ignore-scripts --no-audit --no-fund --loglevel=error
