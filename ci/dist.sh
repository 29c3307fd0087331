#!/usr/bin/env bash
# The archive for PGXN, of what is committed. $1: the directory to put it into.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { echo "usage: $0 directory" >&2; exit 2; }
ci/need.sh git python3
ci/check_meta.py
git diff --quiet HEAD || { echo "$0: there are changes that are not committed, and the archive would not have them" >&2; exit 1; }
name=$(python3 -c 'import json; meta = json.load(open("META.json")); print(meta["name"] + "-" + meta["version"])')
mkdir -p "$1"
git archive --format=zip --prefix="$name/" --output="$1/$name.zip" HEAD
echo "$1/$name.zip"
