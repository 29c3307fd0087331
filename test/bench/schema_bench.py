#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""What reading and comparing schemas costs.

Uses the server that libpq's environment names (ci/with_server.sh makes one), with a release build of the extension. A database of many tables (10
columns, 3 constraints and 2 indexes each) is read by migrate_drift() and compared with the snapshot of it that a run has left: in full after something
temporary has touched the catalogues, by their fingerprint when nothing has. pg_dump --schema-only of the same database is the baseline. Medians; fails
when a target is missed.
"""

import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the directory of the sources stays as it is

import support  # noqa: E402
from support import connect, execute, milliseconds, new_database, progress  # noqa: E402

READ_AND_COMPARE = {1000: 0.3, 8500: 5.0}
FINGERPRINT = {1000: 0.2}
FULL = {"rounds": 5, "tables": [1000, 2000, 4000, 8500]}
QUICK = {"rounds": 2, "tables": [20]}


def seconds(cursor, statement):
    begin = time.perf_counter()
    cursor.execute(statement)
    rows = cursor.fetchall()
    return time.perf_counter() - begin, rows


def measure(tables, rounds):
    new_database("schema_bench")
    support.make_tables("schema_bench", tables, "bench")
    execute("schema_bench", "VACUUM ANALYZE", "CREATE EXTENSION pg_migrate",
            "SELECT migrate_revision('first', 'SELECT 1', '', revision => 'r1', down_revision => 'base')", "SELECT migrate_upgrade()")
    cursor = connect("schema_bench").cursor()
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
    support.drop_databases(["schema_bench"])
    return statistics.median(compared), statistics.median(fingerprinted), statistics.median(dumped)


def verdict(seconds_taken, target):
    """How a time is shown, and whether it is what it has to be; without a target it is."""
    met = target is None or seconds_taken <= target
    return milliseconds(seconds_taken) + ("" if target is None else f" (≤ {milliseconds(target)}{'' if met else ', missed'})"), met


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--tables", type=int, nargs="*")
    options = support.parse(parser, QUICK, FULL)
    report = support.Report(options, "Reading and comparing a schema")
    rows, all_met = [], True
    for tables in options.tables:
        progress(f"{tables} tables")
        compared, fingerprint, dumped = measure(tables, options.rounds)
        in_full, met_in_full = verdict(compared, READ_AND_COMPARE.get(tables))
        by_fingerprint, met_by_fingerprint = verdict(fingerprint, FINGERPRINT.get(tables))
        all_met = all_met and met_in_full and met_by_fingerprint
        rows.append([tables, in_full, f"{compared / tables * 1e6:.0f} µs", by_fingerprint, milliseconds(dumped), f"{compared / dumped:.2f}"])
    report.table(["tables", "migrate_drift() in full (target)", "a table", "by fingerprint (target)", "pg_dump", "ratio to pg_dump, in full"], rows)
    return 0 if all_met or options.quick else 1


if __name__ == "__main__":
    sys.exit(main())
