#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""What pg_migrate costs in a server, against psql running the same SQL.

Uses the server that libpq's environment names (ci/with_server.sh makes one), with a release build of the extension. Everything is measured in
alternating rounds, so that a machine that is busy for a while is so for both sides; the medians are compared. Fails when a target is missed.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the directory of the sources stays as it is

import support  # noqa: E402
from support import connect, execute, milliseconds, new_database, progress  # noqa: E402

APPLY_TARGET = 1.10
CONCURRENTLY_TARGET = 1.05
NOOP_TARGET_MS = 5.0
FULL = {"rounds": 7, "apply": 1000, "known": 10000, "rows": 2000000}
QUICK = {"rounds": 2, "apply": 50, "known": 200, "rows": 20000}


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
    def __init__(self, judges):
        self.judges, self.rows, self.missed = judges, [], []

    def compare(self, what, ours, psqls, target=None):
        ours, psqls = statistics.median(ours), statistics.median(psqls)
        ratio = ours / psqls
        self.row(what, milliseconds(ours), milliseconds(psqls), f"{ratio:.3f}", target and f"≤ {target:.2f}", target is None or ratio <= target)

    def report(self, what, seconds, target=None):
        self.row(what, milliseconds(seconds), "", "", target and f"≤ {target:.0f} ms", target is None or seconds * 1000 <= target)

    def row(self, what, ours, psqls, ratio, target, met):
        progress(f"{what}: {ours}")
        missed = self.judges and not met
        self.rows.append([what, ours, psqls, ratio, (target or "") + (" missed" if missed else "")])
        if missed:
            self.missed.append(what)


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
    table.report(f"nothing to do among {count} revisions, first in a session", statistics.median(first) / 1000)
    table.report(f"nothing to do among {count} revisions, repeated", statistics.median(repeated) / 1000, NOOP_TARGET_MS)


def bench_registration(table, count, rounds):
    times = []
    for _ in range(rounds):
        new_database("bench_register")
        execute("bench_register", "CREATE EXTENSION pg_migrate")
        times.append(seconds_of("bench_register", chain(count, "CREATE TABLE t%1$s (id int)")))
    table.report(f"register {count} revisions in one statement", statistics.median(times))
    again = [seconds_of("bench_register", chain(count, "CREATE TABLE t%1$s (id int)")) for _ in range(rounds)]
    table.report(f"register the same {count} once more", statistics.median(again))


def bench_cratesio(table, path, rounds):
    added, unchanged = [], []
    for _ in range(rounds):
        new_database("bench_cratesio")
        execute("bench_cratesio", "CREATE EXTENSION pg_migrate")
        load = f"SELECT count(*) FROM migrate_load_directory('{path}')"
        added.append(seconds_of("bench_cratesio", load))
        unchanged.append(seconds_of("bench_cratesio", load))
    table.report("load the directory of crates.io", statistics.median(added))
    table.report("load it once more", statistics.median(unchanged))


def bench(table, report, options):
    if not options.apply_only:
        bench_concurrently(table, options.rows, min(options.rounds, 5))
    if options.concurrently_only:
        return
    with tempfile.TemporaryDirectory() as directory:
        bench_apply(table, directory, options.apply, options.rounds, "CREATE TABLE", "CREATE TABLE t%1$s (id int PRIMARY KEY, name text)", APPLY_TARGET)
        bench_apply(table, directory, options.apply, options.rounds, "SELECT, the least there is", "SELECT %1$s")
    if options.apply_only:
        return
    bench_noop(table, options.known, options.rounds)
    bench_registration(table, options.known, 3)
    data = os.environ.get("PG_MIGRATE_TEST_DATA")
    if data and os.path.isdir(os.path.join(data, "cratesio")):
        bench_cratesio(table, os.path.join(data, "cratesio"), options.rounds)
    else:
        report.paragraph("PG_MIGRATE_TEST_DATA does not name a directory with the migrations of crates.io: not loaded.")


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--apply", type=int, help="revisions to apply")
    parser.add_argument("--known", type=int, help="revisions to register")
    parser.add_argument("--rows", type=int, help="rows of the table that gets an index concurrently")
    parser.add_argument("--apply-only", action="store_true")
    parser.add_argument("--concurrently-only", action="store_true")
    options = support.parse(parser, QUICK, FULL)
    report = support.Report(options, "Beside psql")
    table = Table(judges=not options.quick)
    bench(table, report, options)
    report.table(["", "pg_migrate", "psql", "ratio", "target"], table.rows)
    support.drop_databases(["bench_apply", "bench_concurrently", "bench_copy", "bench_noop", "bench_register", "bench_cratesio"])
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
