#!/usr/bin/env bash
# Databases with the schemas of programs that Debian packages, made in the cluster that libpq's environment names; prints their names.
#   $1  a directory for the packages, which are unpacked and not installed
set -euo pipefail
mkdir -p "$1"
cd "$1"
export PGOPTIONS='-c client_min_messages=error'

unpacked() {
    if [ ! -d "$1" ]; then
        apt-get download -qq "$1" >&2
        mkdir "$1"
        dpkg -x "$1"_*.deb "$1"
    fi
}
# What a script says that fails is for the log: some statements of these are for servers of long ago.
load() { psql -XAtq -d "packaged_$1" >>"$1.log" 2>&1 || true; }
made() {
    psql -XAtq -d postgres -c "CREATE DATABASE packaged_$1 TEMPLATE template0"
    : >"$1.log"
}

unpacked zabbix-server-pgsql
made zabbix
zcat zabbix-server-pgsql/usr/share/zabbix-server-pgsql/schema.sql.gz | load zabbix

unpacked sql-ledger
made sql_ledger
for each in tables functions indices; do
    load sql_ledger <"sql-ledger/usr/share/sql-ledger/sql/Pg-$each.sql"
done

unpacked ledgersmb
made ledgersmb
scripts=ledgersmb/usr/share/ledgersmb/sql
for each in tablefunc pg_trgm btree_gist xml2 pgcrypto; do
    echo "CREATE EXTENSION $each" | load ledgersmb
done
load ledgersmb <$scripts/Pg-database.sql
for part in changes modules; do
    grep -v '^#' $scripts/$part/LOADORDER | sed 's/^!//' | while read -r each; do
        [ ! -f "$scripts/$part/$each" ] || load ledgersmb <"$scripts/$part/$each"
    done
done

for each in zabbix:150 sql_ledger:60 ledgersmb:150; do
    tables=$(psql -XAt -d "packaged_${each%:*}" -c "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
    [ "$tables" -ge "${each#*:}" ] || { echo "packaged_${each%:*} has $tables tables only; see $1/${each%:*}.log" >&2; exit 1; }
    echo "packaged_${each%:*}"
done
