# shellcheck shell=bash
# Releases of Debian beside this machine's own, for the scripts that test in one; to be sourced, in the directory of the tree, with set -e.
# DEBIAN_MIRROR is where packages come from; DEBIAN_SECURITY_MIRROR, where that is not the same with -security behind it.
#
# What runs in a release may write anywhere in it, and its servers end with it: mounts and processes have namespaces of their own. The network is
# this machine's. Packages start no server there, since its port could be that of one of this machine; what the tests start, listens locally.

mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
security_mirror=${DEBIAN_SECURITY_MIRROR:-${mirror%/}-security}

# as_root NAMES SCRIPT ARGUMENTS: unless it is root who runs the script already, begins it anew by sudo, with these variables of the environment.
as_root() {
    local names=$1
    shift
    [ "$(id -u)" -eq 0 ] || exec sudo --preserve-env="DEBIAN_MIRROR,DEBIAN_SECURITY_MIRROR${names:+,$names}" "$@"
}

# unpack_release ROOT NAME: the release of this code name into ROOT, unless it is there; as it is installed at least, and git and make. Called
# upgrade, it is sid with the packages of the releases before it, and so with all their servers.
unpack_release() {
    local root=$1 name=$2 include=git,make base=$2
    [ ! -e "$root/.unpacked" ] || return 0
    case $name in
    experimental | upgrade) base=sid ;;
    esac
    # Of a function in a condition, bash ignores what fails in it.
    ci/need.sh debootstrap debian-archive-keyring || return 1
    [[ $mirror != https:* ]] || include+=,ca-certificates
    echo "unpacking $name into $root"
    rm -rf "$root"
    mkdir -p "$root"
    debootstrap --variant=minbase --include="$include" "$base" "$root" "$mirror" >"$root.log" ||
        { tail -n 20 "$root.log"; return 1; }
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 755 "$root/usr/sbin/policy-rc.d"
    case $name in
    sid) ;;
    experimental)
        echo "deb $mirror experimental main" >"$root/etc/apt/sources.list.d/experimental.list"
        printf 'Package: postgresql-*19* libpq*\nPin: release a=experimental\nPin-Priority: 990\n' >"$root/etc/apt/preferences.d/experimental"
        ;;
    upgrade)
        # As they were released: what security updates write, sid's server may not know yet.
        printf "deb $mirror %s main\n" bookworm trixie >"$root/etc/apt/sources.list.d/older.list"
        ;;
    *)
        # As on any machine with that release: the server has moved on by several minor versions.
        echo "deb $mirror $name-updates main" >"$root/etc/apt/sources.list.d/updates.list"
        echo "deb $security_mirror $name-security main" >"$root/etc/apt/sources.list.d/security.list"
        ;;
    esac
    touch "$root/.unpacked"
}

# lock_release ROOT: keeps others out until this script ends, or says that they are in there. One that ends may still be cleaning up.
lock_release() {
    exec {release_lock}>"$1.lock"
    flock --timeout 120 "$release_lock" || { echo "$1: somebody else is testing in there" >&2; return 1; }
}

# give_network ROOT: how this machine finds names and packages.
give_network() {
    cp --remove-destination /etc/resolv.conf /etc/hosts "$1/etc"
    apt-config dump | grep -E '^Acquire::(.*::)?(Proxy|Check-Valid-Until) ' >"$1/etc/apt/apt.conf.d/99host" || true
}

# give_tree ROOT DIRECTORY: the tree as it is, without what has been built in it.
give_tree() {
    rm -rf "${1:?}/$2"
    mkdir -p "$1/$2"
    git -c safe.directory="$PWD" ls-files -z | xargs -0 cp -p --parents -t "$1/$2"
}

# in_release ROOT [NAME=VALUE]... COMMAND...: runs the command in there as root, with nothing in its environment but what is named.
in_release() {
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child sh -ec '
        root=$1
        shift
        mount --rbind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        exec chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' sh "$@"
}
