#!/usr/bin/env bash
# Installs the migration tools of test/tools from npm into $1, at the versions of its lock file.
set -euo pipefail
cd "$(dirname "$0")/.."
# A node that did not come as a Debian package will do, if it has npm.
command -v npm >/dev/null && command -v node >/dev/null || ci/need.sh nodejs npm
mkdir -p "$1"
cp test/tools/package.json test/tools/package-lock.json "$1"
npm ci --prefix "$1" --no-audit --no-fund --loglevel=error
