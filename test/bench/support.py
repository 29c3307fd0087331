# SPDX-License-Identifier: PostgreSQL
"""What the benchmarks share: the server that libpq's environment names, other programs and their time, and the tables that come out of it."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time
from urllib.parse import quote, urlencode

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_locks_per_transaction", "autovacuum", "jit")

# Debian's psql and pg_dump are scripts that look for the right program first, which takes longer than some of what is measured here.
os.environ["PATH"] = os.pathsep.join([subprocess.run([os.environ.get("PG_CONFIG", "pg_config"), "--bindir"], check=True, capture_output=True, text=True).stdout.strip(),
                                      os.environ["PATH"]])
# Some of the programs do without TLS by default and some do not: so all of them do.
os.environ["PGSSLMODE"] = "disable"


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


def drop_databases(names):
    for name in names:
        execute("postgres", f"DROP DATABASE IF EXISTS {name}")


def server_address():
    """Host (or the directory of the socket), port and user, as libpq has found them."""
    connection = connect("postgres")
    try:
        return connection.info.host, connection.info.port, connection.info.user
    finally:
        connection.close()


def url_of(database):
    """For programs that know nothing of libpq's environment."""
    host, port, user = server_address()
    login = quote(user, safe="") + (":" + quote(os.environ["PGPASSWORD"], safe="") if "PGPASSWORD" in os.environ else "")
    if host.startswith("/"):
        return f"postgres://{login}@/{database}?{urlencode({'host': host, 'port': port, 'sslmode': 'disable'})}"
    return f"postgres://{login}@{host}:{port}/{database}?sslmode=disable"


class Failed(Exception):
    """A program that ended with an error; the text is what it said last."""


class Finished:
    """A program that has ended well: what it has printed, and the seconds from its start to its end."""

    def __init__(self, output, errors, seconds):
        self.output, self.errors, self.seconds = output, errors, seconds


def run(command, environment=None, directory=None, timeout=None):
    begin = time.perf_counter()
    try:
        done = subprocess.run([str(part) for part in command], env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning", **(environment or {})}, cwd=directory,
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"not ready after {timeout:.3g} s") from None
    elapsed = time.perf_counter() - begin
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing said").splitlines()
        # The line that has the reason is the first in some programs, and in others it stands behind the calls that have led to it.
        reason = next((line for line in said if re.search(r"(error|exception)\w*: ", line, re.IGNORECASE)), said[-1])
        raise Failed(f"{os.path.basename(str(command[0]))} ended with {done.returncode}: {reason.strip()}")
    return Finished(done.stdout, done.stderr, elapsed)


def psql(database, *arguments, timeout=None):
    return run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, *arguments], timeout=timeout)


def in_turns(sides, rounds):
    """Yields every side in every round; each round begins with another one, so that none always follows the same."""
    for number in range(rounds):
        start = number % len(sides)
        progress(f"round {number + 1} of {rounds}")
        yield from sides[start:] + sides[:start]


def progress(text):
    print(f"    {text}", file=sys.stderr, flush=True)


def milliseconds(seconds):
    value = seconds * 1000
    return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms" if value < 10000 else f"{seconds:.1f} s"


def median_of(times):
    return milliseconds(statistics.median(times))


def ratio_of(times, baseline):
    ratio = statistics.median(times) / statistics.median(baseline)
    return f"{ratio:.2f}" if ratio < 100 else f"{ratio:.0f}"


def arguments(description):
    """What every benchmark has: numbers for a quick look, and a file for the manual."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small numbers: shows that everything runs, and no figure to trust; targets are not judged")
    parser.add_argument("--markdown", nargs="?", const="-", metavar="FILE", help="the tables as Markdown: instead of plain ones, or added to FILE")
    parser.add_argument("--rounds", type=int)
    return parser


def parse(parser, quick, full):
    """The options; those that are not given have the values of `full`, or with --quick those of `quick`."""
    options = parser.parse_args()
    for name, value in (quick if options.quick else full).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    return options


class Report:
    """Prints tables: aligned on standard output, or as Markdown there or in a file."""

    def __init__(self, options, title, tools=None):
        self.markdown = options.markdown
        self.title(title)
        for line in [machine(), server(), *([f"Compared: {versions(tools)}."] if tools else []),
                     f"Medians of {options.rounds} rounds, {datetime.date.today():%Y-%m-%d}."
                     + (" **A quick look with small numbers: not figures to trust.**" if options.quick else "")]:
            self.paragraph(line)

    def write(self, plain, markdown):
        if self.markdown != "-":
            print(plain, flush=True)
        if self.markdown == "-":
            print(markdown, flush=True)
        elif self.markdown:
            with open(self.markdown, "a", encoding="utf-8") as stream:
                stream.write(markdown + "\n")

    def title(self, text):
        self.write(f"\n{text}\n{'=' * len(text)}", f"### {text}\n")

    def paragraph(self, text):
        self.write(text.replace("**", ""), text + "\n")

    def table(self, headings, rows):
        cells = [[str(cell) for cell in row] for row in (headings, *rows)]
        columns = list(zip(*cells))
        widths = [max(map(len, column)) for column in columns]
        numbers = [all(re.match(r"\d|$", cell) for cell in column[1:]) for column in columns]
        aligned = ["  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in zip(row, widths, numbers)) for row in cells]
        lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
        lines.insert(1, "|" + "|".join("---:" if number else "---" for number in numbers) + "|")
        self.write("\n" + "\n".join(line.rstrip() for line in aligned) + "\n", "\n".join(lines) + "\n")


def first_match(path, pattern):
    match = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    return match.group(1) if match else "unknown"


def machine():
    memory = int(first_match("/proc/meminfo", r"^MemTotal: +(\d+)")) / 1024**2
    return (f"{first_match('/proc/cpuinfo', '^model name[^:]*: (.*)')}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB of memory, Linux {platform.release()},"
            f" {first_match('/etc/os-release', '^PRETTY_NAME=.(.*).$')}; load average {os.getloadavg()[0]:.1f} at the beginning.")


def server():
    (version,), = execute("postgres", "SHOW server_version")
    settings = dict(execute("postgres", "SELECT name, current_setting(name) FROM pg_settings"))
    (extension,), = execute("postgres", "SELECT default_version FROM pg_available_extensions WHERE name = 'pg_migrate'")
    host, _, _ = server_address()
    by = "Unix socket" if host.startswith("/") else f"TCP to {host}, without TLS"
    return (f"PostgreSQL {version}, pg_migrate {extension}; by {by}; " + ", ".join(f"{name} = {settings[name]}" for name in SETTINGS) + ".")


def versions(tools):
    return ", ".join(f"{name} {version}" for name, version in tools.items())


def debian_version(package):
    return run(["dpkg-query", "-W", "-f", "${Version}", package]).output.strip()


def npm_version(directory, package):
    description = pathlib.Path(directory) / "node_modules" / package / "package.json"
    if not description.exists():
        sys.exit(f"{package} is not in {directory}: ci/bench_tools.sh {directory} installs it")
    return json.loads(description.read_text(encoding="utf-8"))["version"]


TABLES = """
DO $$ BEGIN
    FOR i IN {begin}..{end} LOOP
        EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, parent bigint REFERENCES t%s, name text NOT NULL, email varchar(200) UNIQUE,
            created_at timestamptz NOT NULL DEFAULT now(), amount numeric(12, 2) DEFAULT 0, state smallint, note text, tags text[], flag boolean DEFAULT false)',
            i, greatest(i / 2, 1));
        EXECUTE format('CREATE INDEX ON t%s (name)', i);
        EXECUTE format('CREATE INDEX ON t%s (state, created_at DESC) WHERE flag', i);
    END LOOP;
END $$"""


def make_tables(database, count, schema, *further):
    """t1, t2, …, each with 10 columns, 3 constraints and 2 more indexes, in as many transactions as their locks need; then what else is to be in the schema.

    Their foreign keys are a tree: SQLAlchemy follows them from table to table as deep as they go, and a line of hundreds is more than Python lets it.
    """
    execute(database, f"CREATE SCHEMA IF NOT EXISTS {schema}", f"SET search_path = {schema}",
            *(TABLES.format(begin=begin + 1, end=min(begin + 500, count)) for begin in range(0, count, 500)), *further)
