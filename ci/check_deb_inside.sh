#!/usr/bin/env bash
# Runs in the release that ci/check_deb.sh has made, where /srv/packages has the packages and their source.
set -euo pipefail
cd /srv/packages
step() { echo "== $*"; }
fail() { echo "check-deb: $*" >&2; exit 1; }
# Everything but the working memory of apt and dpkg, and what the tests write.
all_files() {
    find / -xdev \( -path /proc -o -path /dev -o -path /sys -o -path /tmp -o -path /srv -o -path /var/cache -o -path /var/log -o -path /var/lib/apt \
        -o -path '/var/lib/dpkg/*-old' \) -prune -o -print | sort
}

apt-get update -qq
debs=()
versions=()
for deb in ./postgresql-*-pg-migrate_*.deb; do
    debs+=("$deb")
    version=${deb#./postgresql-}
    versions+=("${version%%-*}")
done
names=("${versions[@]/#/postgresql-}")
names=("${names[@]/%/-pg-migrate}")
[ -e "${debs[0]}" ] || fail 'there is no package'
step "the servers: ${versions[*]}"
apt-get install -y -qq --no-install-recommends "${versions[@]/#/postgresql-}" >/dev/null
useradd --create-home tester
chown -R tester: /srv/tree
all_files >/srv/before

step 'another pg_migrate, which has files of the same names, is not overwritten, nor does it stay unnoticed'
other=/srv/other/usr
version=${versions[0]}
mkdir -p "$other/lib/postgresql/$version/lib" "$other/share/postgresql/$version/extension" /srv/other/DEBIAN
touch "$other/lib/postgresql/$version/lib/pg_migrate.so" "$other/share/postgresql/$version/extension/pg_migrate.control"
printf '%s\n' "Package: postgresql-$version-pg_migrate" 'Version: 0.1.1' 'Architecture: all' 'Maintainer: nobody <nobody@localhost>' \
    'Description: stands for the other one' >/srv/other/DEBIAN/control
# The underscore in the name is against the rules of Debian, which dpkg-deb checks and dpkg does not.
dpkg-deb --nocheck --build /srv/other /srv/other.deb >/dev/null 2>&1
dpkg -i /srv/other.deb >/dev/null
if dpkg -i "${debs[0]}" >/srv/overwrite.log 2>&1; then fail 'dpkg has let it overwrite the files of another package'; fi
grep -q "trying to overwrite '/usr/.*pg_migrate.*which is also in package postgresql-$version-pg_migrate" /srv/overwrite.log ||
    { cat /srv/overwrite.log; fail 'another error than expected'; }
dpkg --purge "postgresql-$version-pg_migrate" >/dev/null

step 'installed'
apt-get install -y -qq --no-install-recommends "${debs[@]}" >/dev/null
for version in "${versions[@]}"; do
    dpkg -L "postgresql-$version-pg-migrate" | while read -r path; do [ -d "$path" ] || echo "$path"; done
    for path in "lib/postgresql/$version/lib/pg_migrate.so" "share/postgresql/$version/extension/pg_migrate.control"; do
        [ -s "/usr/$path" ] || fail "there is no /usr/$path"
    done
done

step 'the demo, as a user who is not root'
for version in "${versions[@]}"; do
    runuser -u tester -- env PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config" \
        pg_virtualenv -v "$version" -o max_worker_processes=16 /srv/tree/ci/demo.sh >/srv/demo.out 2>&1 || { cat /srv/demo.out; fail 'the demo has failed'; }
    grep -q 'That was pg_migrate' /srv/demo.out || { cat /srv/demo.out; fail 'the demo has not come to its end'; }
    sed -n '/migrate_graph();/,/rows)/p' /srv/demo.out
done

step 'purged, and nothing is left'
apt-get purge -y -qq "${names[@]}" >/dev/null
all_files >/srv/after
diff /srv/before /srv/after || fail 'the package has left files (>), or taken some with it (<)'

step 'installed again, over a server that has been there'
apt-get install -y -qq --no-install-recommends "${debs[@]}" >/dev/null

step "the package's own tests (debian/tests), as the archive runs them"
apt-get install -y -qq --no-install-recommends autopkgtest apt-utils >/dev/null
autopkgtest --user tester "${debs[@]}" /srv/tree -- null >/srv/autopkgtest.out 2>&1 || { cat /srv/autopkgtest.out; fail 'its tests have failed'; }
# All but what apt says on the way.
grep -E '^(autopkgtest|###|test |left out| All |(installcheck|examples) )' /srv/autopkgtest.out
for test in installcheck examples; do
    grep -qE "^$test +PASS" /srv/autopkgtest.out || fail "$test has not passed"
done
echo "packages: passed for ${versions[*]}"
