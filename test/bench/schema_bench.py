#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""What reading and comparing schemas costs.

Uses the server that libpq's environment names (ci/with_server.sh makes one), with a release build of the extension. A database of many tables (10
columns, 3 constraints and 2 indexes each) is read by migrate_drift() and compared with the snapshot of it that a run has left: in full after something
temporary has touched the catalogues, by their fingerprint when nothing has. pg_dump --schema-only of the same database is the baseline. Medians; fails
when a target is missed.
"""

import argparse
import statistics
import subprocess
import sys
import time

import psycopg2

READ_AND_COMPARE = {1000: 0.3, 8500: 5.0}
FINGERPRINT = {1000: 0.2}

TABLES = """
DO $$ BEGIN
    FOR i IN 1..%d LOOP
        EXECUTE format('CREATE TABLE bench.t%%s (id bigint PRIMARY KEY, parent bigint REFERENCES bench.t%%s, name text NOT NULL, email varchar(200) UNIQUE,
            created_at timestamptz NOT NULL DEFAULT now(), amount numeric(12, 2) DEFAULT 0, state smallint, note text, tags text[], flag boolean DEFAULT false)',
            i, greatest(i - 1, 1));
        EXECUTE format('CREATE INDEX ON bench.t%%s (name)', i);
        EXECUTE format('CREATE INDEX ON bench.t%%s (state, created_at DESC) WHERE flag', i);
    END LOOP;
END $$"""


def connect(database):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    connection.cursor().execute("SET client_min_messages = warning")
    return connection


def seconds(cursor, statement):
    begin = time.perf_counter()
    cursor.execute(statement)
    rows = cursor.fetchall()
    return time.perf_counter() - begin, rows


def measure(tables, rounds):
    admin = connect("postgres").cursor()
    admin.execute("DROP DATABASE IF EXISTS schema_bench")
    admin.execute("CREATE DATABASE schema_bench")
    cursor = connect("schema_bench").cursor()
    cursor.execute("CREATE SCHEMA bench")
    for begin in range(0, tables, 500):
        cursor.execute((TABLES % min(tables, begin + 500)).replace("IN 1..", f"IN {begin + 1}.."))
    cursor.execute("VACUUM ANALYZE")
    cursor.execute("CREATE EXTENSION pg_migrate")
    cursor.execute("SELECT migrate_revision('first', 'SELECT 1', '', revision => 'r1', down_revision => 'base')")
    cursor.execute("SELECT migrate_upgrade()")
    compared, dumped, fingerprinted = [], [], []
    for _ in range(rounds):
        cursor.execute("CREATE TEMPORARY TABLE touch (i int)")
        elapsed, rows = seconds(cursor, "SELECT * FROM migrate_drift()")
        assert rows == [], rows[:3]
        compared.append(elapsed)
        begin = time.perf_counter()
        subprocess.run(["pg_dump", "--schema-only", "--schema=bench", "-d", "schema_bench"], check=True, stdout=subprocess.DEVNULL)
        dumped.append(time.perf_counter() - begin)
        cursor.execute("DROP TABLE touch")
    cursor.execute("SELECT migrate_stamp('base')")
    for _ in range(rounds):
        elapsed, rows = seconds(cursor, "SELECT * FROM migrate_drift()")
        assert rows == [], rows[:3]
        fingerprinted.append(elapsed)
    cursor.connection.close()
    admin.execute("DROP DATABASE schema_bench")
    return statistics.median(compared), statistics.median(fingerprinted), statistics.median(dumped)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tables", type=int, nargs="*", default=[1000, 2000, 4000, 8500])
    arguments = parser.parse_args()
    missed = False
    for tables in arguments.tables:
        compared, fingerprint, dumped = measure(tables, arguments.rounds)
        print(f"{tables} tables: read and compared in {compared:.3f} s ({compared / tables * 1e6:.0f} us a table), by fingerprint in {fingerprint:.3f} s; "
              f"pg_dump takes {dumped:.3f} s (ratio {compared / dumped:.2f})", flush=True)
        missed |= compared > READ_AND_COMPARE.get(tables, float("inf")) or fingerprint > FINGERPRINT.get(tables, float("inf"))
    if missed:
        print(f"targets missed: {READ_AND_COMPARE} s to read and compare, {FINGERPRINT} s by fingerprint")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
