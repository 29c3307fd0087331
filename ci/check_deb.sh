#!/usr/bin/env bash
# The packages that ci/deb.sh has built, installed into a release of Debian that has never seen them, tested there, and purged.
#   $1  the directory with the packages, and the source tree that they were built from
#   $2  the directory of the releases; see ci/release.sh
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -eq 2 ] || { echo "usage: $0 packages releases" >&2; exit 2; }
. ci/release.sh
as_root '' ci/check_deb.sh "$@"
packages=$(cd "$1" && pwd)
mkdir -p "$2"
releases=$(cd "$2" && pwd)
name=$(. /etc/os-release && echo "$VERSION_CODENAME")
root=$releases/deb
unpack_release "$releases/$name.bare" "$name"
lock_release "$root"
trap 'rm -rf "$root"' EXIT
rm -rf "$root"
cp -a "$releases/$name.bare" "$root"
give_network "$root"
mkdir "$root/srv/packages"
cp "$packages"/*.deb "$root/srv/packages"
dpkg-source --no-check -x "$packages"/*.dsc "$root/srv/tree" >/dev/null
cp ci/check_deb_inside.sh "$root/srv"
in_release "$root" LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes bash /srv/check_deb_inside.sh
