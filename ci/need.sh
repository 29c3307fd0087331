#!/usr/bin/env bash
# Installs those of the named Debian packages that are missing; by sudo when not root.
set -euo pipefail
missing=()
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
install="apt-get install --no-install-recommends ${missing[*]}"
command -v apt-get >/dev/null ||
    { echo "This needs Debian or Ubuntu: there is no apt-get to install ${missing[*]}." >&2; exit 1; }
sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        { printf '%s\n' 'Packages are missing, and there is no sudo to install them with. Have an administrator run:' "    $install" >&2; exit 1; }
    sudo=sudo
fi
echo "installing the packages ${missing[*]}"
$sudo apt-get update -qq
# Without apt-utils nothing is asked beforehand, which debconf would say each time.
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes $install -y -qq >/dev/null
