#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""What pg_migrate costs in a server, against psql running the same SQL.

Uses the server that libpq's environment names (ci/with_server.sh makes one), with a release build of the extension. Everything is measured in
alternating rounds, so that a machine that is busy for a while is so for both sides; the medians are compared. Fails when a target is missed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

import psycopg2

APPLY_TARGET = 1.10
CONCURRENTLY_TARGET = 1.05
NOOP_TARGET_MS = 5.0


def connect(database):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    connection.cursor().execute("SET client_min_messages = warning")
    return connection


def execute(database, *statements):
    connection = connect(database)
    try:
        rows = None
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                rows = cursor.fetchall() if cursor.description else None
        return rows
    finally:
        connection.close()


def new_database(name, template="template1"):
    execute("postgres", f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} TEMPLATE {template}")


# What a process has spent on a processor, in nanoseconds, is the first number of this file.
PROCESSOR = "SELECT pg_read_file('/proc/self/schedstat')"


def psql(database, *arguments):
    """Seconds of one psql: by the clock, and of its server process on a processor."""
    environment = dict(os.environ, PGOPTIONS="-c client_min_messages=warning")
    begin = time.perf_counter()
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments, "-c", PROCESSOR],
                          check=True, env=environment, stdout=subprocess.PIPE, text=True)
    elapsed = time.perf_counter() - begin
    return elapsed, int(done.stdout.strip().splitlines()[-1].split()[0]) / 1e9


def seconds_of(database, statement):
    connection = connect(database)
    try:
        with connection.cursor() as cursor:
            begin = time.perf_counter()
            cursor.execute(statement)
            return time.perf_counter() - begin
    finally:
        connection.close()


def chain(count, up):
    """A statement that registers a line of revisions; `up` is a format with the number as %1$s."""
    return f"""
        SELECT count(migrate_revision(format('step %s', i), format('{up}', i), '', revision => 'r' || lpad(i::text, 6, '0'),
            down_revision => CASE WHEN i = 1 THEN 'base' ELSE 'r' || lpad((i - 1)::text, 6, '0') END))
        FROM generate_series(1, {count}) AS i"""


class Table:
    def __init__(self):
        self.missed = False
        print(f"{'what':<58} {'ours':>12} {'psql':>12} {'ratio':>7}  target")

    def compare(self, what, ours, psqls, target=None):
        ours, psqls = statistics.median(ours), statistics.median(psqls)
        ratio = ours / psqls
        self.line(what, f"{ours * 1000:.0f} ms", f"{psqls * 1000:.0f} ms", f"{ratio:.3f}", target and f"<= {target:.2f}",
                  target is None or ratio <= target)

    def report(self, what, milliseconds, target=None):
        self.line(what, f"{milliseconds:.2f} ms", "", "", target and f"<= {target:.0f} ms", target is None or milliseconds <= target)

    def line(self, what, ours, psqls, ratio, target, met):
        self.missed = self.missed or not met
        verdict = "" if target is None else ("" if met else "  MISSED")
        print(f"{what:<58} {ours:>12} {psqls:>12} {ratio:>7}  {target or ''}{verdict}", flush=True)


def bench_apply(table, directory, count, rounds, name, up, target=None):
    """The same SQL by one call and by one psql transaction, each in a fresh copy of the same database."""
    new_database("bench_apply")
    execute("bench_apply", "CREATE EXTENSION pg_migrate", chain(count, up))
    (scripts,) = zip(*execute("bench_apply", "SELECT up FROM migrate.revision ORDER BY revision"))
    file = os.path.join(directory, "all.sql")
    with open(file, "w") as stream:
        stream.writelines(f"{script};\n" for script in scripts)
    ours, psqls = [], []
    for number in range(rounds):
        sides = [("ours", ours, ["-c", "SELECT count(*) FROM migrate_upgrade('head')"]), ("psql", psqls, ["-1", "-f", file])]
        for side, times, arguments in sides if number % 2 == 0 else reversed(sides):
            new_database("bench_copy", "bench_apply")
            execute("postgres", "CHECKPOINT")
            times.append(psql("bench_copy", *arguments))
            if side == "ours":
                assert execute("bench_copy", "SELECT count(*) FROM migrate.log") == [(count,)]
    table.compare(f"apply {count} revisions: {name}", [t[0] for t in ours], [t[0] for t in psqls], target)
    table.compare("    of that, the server process on a processor", [t[1] for t in ours], [t[1] for t in psqls], target)


def bench_concurrently(table, count, rounds):
    """CREATE INDEX CONCURRENTLY in a worker, while its caller waits, and by psql itself: the same index of the same table in turn."""
    name = "bench_concurrently"
    build = "CREATE INDEX CONCURRENTLY t_v ON t (v)"
    new_database(name)
    execute(name, "CREATE EXTENSION pg_migrate", "CREATE TABLE t (id int, v text) WITH (autovacuum_enabled = off)", "SELECT setseed(0.5)",
            f"INSERT INTO t SELECT i, md5(random()::text) FROM generate_series(1, {count}) i", f"SELECT migrate_revision('index', '{build}', revision => 'index')")
    execute(name, "VACUUM ANALYZE t")
    ours, psqls = [], []
    for number in range(rounds):
        sides = [(ours, "SELECT count(*) FROM migrate_upgrade('head')"), (psqls, build)]
        for times, statement in sides if number % 2 == 0 else reversed(sides):
            execute("postgres", "CHECKPOINT")
            times.append(psql(name, "-c", statement)[0])
            assert execute(name, "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_v'::regclass") == [(True,)]
            execute(name, "DROP INDEX t_v", "SELECT count(*) FROM migrate_stamp('base')")
    assert execute(name, "SELECT count(*) FROM migrate.log WHERE direction = 'upgrade'") == [(rounds,)]
    table.compare(f"CREATE INDEX CONCURRENTLY on {count} rows, {rounds} rounds", ours, psqls, CONCURRENTLY_TARGET)


def bench_noop(table, count, rounds):
    new_database("bench_noop")
    execute("bench_noop", "CREATE EXTENSION pg_migrate", chain(count, "SELECT %1$s"), "SELECT count(*) FROM migrate_stamp('head')", "VACUUM ANALYZE")
    call = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) SELECT * FROM migrate_upgrade('head')"
    first, repeated = [], []
    for _ in range(rounds):
        connection = connect("bench_noop")
        with connection.cursor() as cursor:
            times = []
            for _ in range(21):
                cursor.execute(call)
                plan = cursor.fetchone()[0][0]
                assert plan["Plan"]["Actual Rows"] == 0
                times.append(plan["Execution Time"])
            first.append(times[0])
            repeated.append(statistics.median(times[1:]))
        connection.close()
    table.report(f"nothing to do among {count} revisions, first in a session", statistics.median(first))
    table.report(f"nothing to do among {count} revisions, repeated", statistics.median(repeated), NOOP_TARGET_MS)


def bench_registration(table, count, rounds):
    times = []
    for _ in range(rounds):
        new_database("bench_register")
        execute("bench_register", "CREATE EXTENSION pg_migrate")
        times.append(seconds_of("bench_register", chain(count, "CREATE TABLE t%1$s (id int)")))
    table.report(f"register {count} revisions in one statement", statistics.median(times) * 1000)
    again = [seconds_of("bench_register", chain(count, "CREATE TABLE t%1$s (id int)")) for _ in range(rounds)]
    table.report(f"register the same {count} once more", statistics.median(again) * 1000)


def bench_cratesio(table, path, rounds):
    added, unchanged = [], []
    for _ in range(rounds):
        new_database("bench_cratesio")
        execute("bench_cratesio", "CREATE EXTENSION pg_migrate")
        load = f"SELECT count(*) FROM migrate_load_directory('{path}')"
        added.append(seconds_of("bench_cratesio", load))
        unchanged.append(seconds_of("bench_cratesio", load))
    table.report("load the directory of crates.io", statistics.median(added) * 1000)
    table.report("load it once more", statistics.median(unchanged) * 1000)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--apply", type=int, default=1000, help="revisions to apply")
    parser.add_argument("--known", type=int, default=10000, help="revisions to register")
    parser.add_argument("--rows", type=int, default=2000000, help="rows of the table that gets an index concurrently")
    parser.add_argument("--apply-only", action="store_true")
    parser.add_argument("--concurrently-only", action="store_true")
    options = parser.parse_args()
    (version,), = execute("postgres", "SELECT version()")
    build = subprocess.run([os.environ.get("PG_CONFIG", "pg_config"), "--cflags"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{version}\nbuilt with {build}\nmedians of {options.rounds} rounds\n")
    table = Table()
    if not options.apply_only:
        bench_concurrently(table, options.rows, 5)
    if options.concurrently_only:
        execute("postgres", "DROP DATABASE bench_concurrently")
        return 1 if table.missed else 0
    with tempfile.TemporaryDirectory() as directory:
        bench_apply(table, directory, options.apply, options.rounds, "CREATE TABLE", "CREATE TABLE t%1$s (id int PRIMARY KEY, name text)", APPLY_TARGET)
        bench_apply(table, directory, options.apply, options.rounds, "SELECT, the least there is", "SELECT %1$s")
    if options.apply_only:
        return 1 if table.missed else 0
    bench_noop(table, options.known, options.rounds)
    bench_registration(table, options.known, 3)
    data = os.environ.get("PG_MIGRATE_TEST_DATA")
    if data and os.path.isdir(os.path.join(data, "cratesio")):
        bench_cratesio(table, os.path.join(data, "cratesio"), options.rounds)
    else:
        print("PG_MIGRATE_TEST_DATA does not name a directory with the migrations of crates.io: not loaded")
    for name in ("bench_apply", "bench_concurrently", "bench_copy", "bench_noop", "bench_register", "bench_cratesio"):
        execute("postgres", f"DROP DATABASE IF EXISTS {name}")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
