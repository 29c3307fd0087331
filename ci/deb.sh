#!/usr/bin/env bash
# Debian packages of the tree as it is, one for each server whose headers are installed, and what lintian says about them.
# $1: the build directory; the packages are left in it. DEB_BUILD_OPTIONS=nocheck builds without running the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 1 ] || { echo "usage: $0 build-directory" >&2; exit 2; }
ci/need.sh git dpkg-dev debhelper lintian postgresql-all libboost-dev libkrb5-dev libtomlplusplus-dev
version=$(dpkg-parsechangelog --show-field Version)
upstream=${version%-*}

rm -rf "$1"
mkdir -p "$1/pg-migrate-$upstream"
build=$(cd "$1" && pwd)
tree=$build/pg-migrate-$upstream
if [ -e .git ]; then
    git ls-files -z | xargs -0 cp -p --parents -t "$tree"
else
    # A tree from an archive: all but what .gitignore names.
    git init --quiet --bare "$build/git"
    git --git-dir="$build/git" --work-tree=. ls-files --others --exclude-standard -z | xargs -0 cp -p --parents -t "$tree"
    rm -rf "$build/git"
fi
tar czf "$build/pg-migrate_$upstream.orig.tar.gz" -C "$build" --exclude=debian "pg-migrate-$upstream"

cd "$tree"
# Whatever this release of Debian calls supported: who has installed the headers of another server wants its package.
export PG_SUPPORTED_VERSIONS=installed
export DEB_BUILD_OPTIONS=${DEB_BUILD_OPTIONS:-}
[[ $DEB_BUILD_OPTIONS == *parallel=* ]] || DEB_BUILD_OPTIONS+=" parallel=$(nproc)"
pg_buildext updatecontrol
# As the first make of all: what was said to another one is not for these.
env -u MAKELEVEL -u MAKEFLAGS -u MFLAGS -u PG_CONFIG dpkg-buildpackage --no-sign
cd "$build"
# It is no upload to Debian, which would have to close a bug.
lintian --suppress-tags initial-upload-closes-no-bugs --allow-root --fail-on error,warning --info --tag-display-limit 0 ./*.changes
ls -l ./*.deb
