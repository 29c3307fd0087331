#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""What pg_migrate costs beside psql, Alembic, dbmate and Sqitch.

Uses the server that libpq's environment names (ci/with_server.sh makes one), with a release build of the extension, and dbmate as ci/bench_tools.sh has installed
it. The same migrations are applied by each program as its users start it, a process each time; then each is asked what is to be done where everything has been.
Rounds in which all take their turns; medians; ratios to psql in the same rounds. What each has done is looked at in the database.
"""

import pathlib
import re
import shutil
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True  # the directory of the sources stays as it is

import support  # noqa: E402
from support import Failed, execute, median_of, new_database, progress, psql, ratio_of, run  # noqa: E402

FULL = {"rounds": 7, "apply": 1000, "sqitch": 100, "known": 10000}
QUICK = {"rounds": 2, "apply": 50, "sqitch": 5, "known": 200}


def up_script(number):
    return f"CREATE TABLE t{number} (id int PRIMARY KEY, name text)"


def name_of(number):
    return f"r{number:06d}"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


class Psql:
    """The statements and nothing else."""

    name = "psql -f"

    def __init__(self, directory, count):
        self.file = directory / "psql" / "all.sql"
        write(self.file, "".join(f"{up_script(number)};\n" for number in range(1, count + 1)))

    def apply(self, database):
        return psql(database, "-f", self.file)

    def apply_in_one(self, database):
        return psql(database, "-1", "-f", self.file)


class PgMigrate:
    name = "pg_migrate"

    def __init__(self, directory, count):
        self.files = directory / "pg_migrate"
        for number in range(1, count + 1):
            parent = name_of(number - 1) if number > 1 else "base"
            write(self.files / f"{name_of(number)}_step.sql", f"SELECT migrate_revision('step {number}', $up${up_script(number)}$up$, $down$DROP TABLE t{number}$down$,\n"
                  f"    revision => '{name_of(number)}', down_revision => '{parent}');\n")

    def register(self, database):
        """As the manual has it for deployments."""
        return run(["bash", "-o", "pipefail", "-c", 'cat "$1"/*.sql | psql -X -q -d "$2" -v ON_ERROR_STOP=1 --single-transaction -o /dev/null', "register", self.files, database])

    def know(self, database):
        self.register(database)
        execute(database, "SELECT count(*) FROM migrate_stamp('head')")

    def apply_in_one(self, database):
        return psql(database, "-c", "SELECT * FROM migrate_upgrade('head')")

    def apply(self, database):
        return psql(database, "-c", "SET pg_migrate.transaction_mode = per_revision", "-c", "SELECT * FROM migrate_upgrade('head')")

    def register_and_apply(self, database):
        registered, applied = self.register(database), self.apply_in_one(database)
        return support.Finished(applied.output, applied.errors, registered.seconds + applied.seconds)

    def look(self, database, function):
        return psql(database, "-c", f"SELECT * FROM {function}()")


class Alembic:
    name = "Alembic"

    def __init__(self, directory, count):
        self.directory = directory / "alembic"
        write(self.directory / "alembic.ini", "[alembic]\nscript_location = .\n")
        shutil.copy(pathlib.Path(__file__).with_name("alembic_env.py"), self.directory / "env.py")
        for number in range(1, count + 1):
            parent = repr(name_of(number - 1)) if number > 1 else None
            write(self.directory / "versions" / f"{name_of(number)}_step.py", f'"""step {number}"""\nfrom alembic import op\n\nrevision = "{name_of(number)}"\n'
                  f"down_revision = {parent}\nbranch_labels = None\ndepends_on = None\n\n\n"
                  f'def upgrade():\n    op.execute("{up_script(number)}")\n\n\ndef downgrade():\n    op.execute("DROP TABLE t{number}")\n')

    def command(self, database, *arguments, **environment):
        return run(["/usr/bin/python3", "-m", "alembic", *arguments], {"BENCH_DATABASE": database, **environment}, self.directory)

    def know(self, database):
        self.command(database, "stamp", "head")

    def apply_in_one(self, database):
        return self.command(database, "upgrade", "head")

    def apply(self, database):
        return self.command(database, "upgrade", "head", BENCH_TRANSACTION_PER_MIGRATION="1")

    def compile(self):
        """What Python keeps of the files when they are read for the first time, which is none of what is measured."""
        self.command("postgres", "heads")


class Dbmate:
    name = "dbmate"

    def __init__(self, directory, count, program):
        self.directory, self.program, self.count = directory / "dbmate", program, count
        for number in range(1, count + 1):
            write(self.directory / f"{number:06d}_step.sql", f"-- migrate:up\n{up_script(number)};\n\n-- migrate:down\nDROP TABLE t{number};\n")

    def command(self, database, command):
        return run([self.program, "--url", support.url_of(database), "--migrations-dir", self.directory, "--no-dump-schema", command])

    def know(self, database):
        """It has no command for that: its table, as it makes it, with the rows."""
        execute(database, "CREATE TABLE schema_migrations (version varchar PRIMARY KEY)",
                f"INSERT INTO schema_migrations SELECT lpad(i::text, 6, '0') FROM generate_series(1, {self.count}) i")

    def apply(self, database):
        return self.command(database, "migrate")


class Sqitch:
    name = "Sqitch"
    # Of nobody's configuration but the project's.
    ENVIRONMENT = {"SQITCH_FULLNAME": "Bench", "SQITCH_EMAIL": "bench@example.org", "SQITCH_USER_CONFIG": "/dev/null", "SQITCH_SYSTEM_CONFIG": "/dev/null"}

    def __init__(self, directory, count):
        self.directory = directory / "sqitch"
        write(self.directory / "sqitch.conf", "[core]\n\tengine = pg\n")
        lines = [f"{name_of(number)} 2026-01-01T00:00:00Z Bench <bench@example.org> # step {number}\n" for number in range(1, count + 1)]
        write(self.directory / "sqitch.plan", "%syntax-version=1.0.0\n%project=bench\n\n" + "".join(lines))
        for number in range(1, count + 1):
            write(self.directory / "deploy" / f"{name_of(number)}.sql", f"BEGIN;\n{up_script(number)};\nCOMMIT;\n")

    def command(self, database, *arguments):
        return run(["sqitch", *arguments, f"db:pg:{database}"], self.ENVIRONMENT, self.directory)

    def know(self, database):
        self.command(database, "deploy", "--log-only")

    def apply(self, database):
        return self.command(database, "deploy")


class Side:
    """One way to apply the migrations. `like`: the way of psql with the same transactions, which its time is compared with; None for psql itself."""

    def __init__(self, name, transactions, run_in, like=None, template="bench_empty"):
        self.name, self.transactions, self.run_in, self.like, self.template = name, transactions, run_in, like, template
        self.times = []


def apply_in_turns(sides, count, rounds):
    for side in support.in_turns(sides, rounds):
        new_database("bench_run", side.template)
        execute("postgres", "CHECKPOINT")
        side.times.append(side.run_in("bench_run").seconds)
        (tables,), = execute("bench_run", "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^t[0-9]+$'")
        assert tables == count, f"{side.name} has made {tables} tables of {count}"


def rows_of(sides, count):
    return [[side.name, side.transactions, count, median_of(side.times), f"{statistics.median(side.times) / count * 1000:.2f} ms",
             ratio_of(side.times, side.like.times) if side.like else "1"] for side in sides]


def templates(pg_migrate):
    new_database("bench_empty")
    execute("bench_empty", "CREATE EXTENSION pg_migrate")
    new_database("bench_registered", "bench_empty")
    pg_migrate.register("bench_registered")
    execute("bench_registered", "VACUUM ANALYZE")


def sides_of_all(directory, count, dbmate):
    plain, ours, alembic = Psql(directory, count), PgMigrate(directory, count), Alembic(directory, count)
    templates(ours)
    alembic.compile()
    each = Side("psql -f", "one for each", plain.apply)
    one = Side("psql -1 -f", "one", plain.apply_in_one)
    return [
        one,
        Side("pg_migrate, registered before", "one", ours.apply_in_one, one, "bench_registered"),
        Side("pg_migrate, the files registered too", "one", ours.register_and_apply, one),
        Side("Alembic", "one", alembic.apply_in_one, one),
        each,
        Side("pg_migrate, per_revision, registered before", "one for each", ours.apply, each, "bench_registered"),
        Side("Alembic, transaction_per_migration", "one for each", alembic.apply, each),
        Side("dbmate", "one for each", Dbmate(directory, count, dbmate).apply, each),
    ]


def bench_apply(report, options, dbmate):
    with tempfile.TemporaryDirectory() as name:
        progress(f"{options.apply} migrations")
        sides = sides_of_all(readable(name), options.apply, dbmate)
        apply_in_turns(sides, options.apply, options.rounds)
    with tempfile.TemporaryDirectory() as name:
        progress(f"{options.sqitch} changes of Sqitch")
        few = Side("psql -f", "one for each", Psql(readable(name), options.sqitch).apply)
        fewer = [few, Side("Sqitch", "one for each", Sqitch(readable(name), options.sqitch).apply, few)]
        apply_in_turns(fewer, options.sqitch, options.rounds)
    report.paragraph(f"**To apply migrations**, each of them `{up_script(1)}`: from the start of the program to its end. The ratio is to psql with the same statements in the same kind of"
                     f" transactions. Sqitch starts a psql for each change, and so has fewer of them, with a psql of its own to be compared with.")
    report.table(["", "transactions", "migrations", "median", "a migration", "ratio to psql"], rows_of(sides, options.apply) + rows_of(fewer, options.sqitch))


def readable(name):
    directory = pathlib.Path(name)
    directory.chmod(0o755)
    return directory


class Question:
    """What a program is asked where there is nothing to do. `lines`: how many lines of its answer match a pattern, which shows that it knows all of it."""

    def __init__(self, topic, name, ask, pattern, lines):
        self.topic, self.name, self.ask, self.pattern, self.lines = topic, name, ask, re.compile(pattern), lines
        self.times = []

    def time(self):
        finished = self.ask()
        found = sum(1 for line in (finished.output + finished.errors).splitlines() if self.pattern.search(line))
        assert found == self.lines, f"{self.name}: {found} lines instead of {self.lines} match {self.pattern.pattern}"
        self.times.append(finished.seconds)


def questions(directory, known, dbmate):
    ours, alembic, mate, sqitch = PgMigrate(directory, known), Alembic(directory, known), Dbmate(directory, known, dbmate), Sqitch(directory, known)
    alembic.compile()
    for tool in (ours, alembic, mate, sqitch):
        progress(f"{tool.name}: to know {known}")
        new_database(f"bench_known_{tool.name.lower()}", "bench_empty")
        tool.know(f"bench_known_{tool.name.lower()}")
        execute(f"bench_known_{tool.name.lower()}", "VACUUM ANALYZE")
    own, others = "bench_known_pg_migrate", {tool: f"bench_known_{tool.name.lower()}" for tool in (alembic, mate, sqitch)}
    head = name_of(known)
    return [
        Question("nothing to do", "pg_migrate: migrate_upgrade", lambda: ours.apply_in_one(own), ".", 0),
        Question("nothing to do", "pg_migrate: all files registered once more, migrate_upgrade", lambda: ours.register_and_apply(own), ".", 0),
        Question("nothing to do", "Alembic: upgrade head", lambda: alembic.apply_in_one(others[alembic]), "Running upgrade", 0),
        Question("nothing to do", "dbmate: migrate", lambda: mate.apply(others[mate]), "Appl", 0),
        Question("nothing to do", "Sqitch: deploy", lambda: sqitch.apply(others[sqitch]), "up-to-date", 1),
        Question("what is applied", "pg_migrate: migrate_current", lambda: ours.look(own, "migrate_current"), head, 1),
        Question("what is applied", "Alembic: current", lambda: alembic.command(others[alembic], "current"), head, 1),
        Question("what is applied", "dbmate: status", lambda: mate.command(others[mate], "status"), r"^\[X\]", known),
        Question("what is applied", "Sqitch: status", lambda: sqitch.command(others[sqitch], "status"), head, 1),
        Question("the heads", "pg_migrate: migrate_heads", lambda: ours.look(own, "migrate_heads"), head, 1),
        Question("the heads", "Alembic: heads", lambda: alembic.command(others[alembic], "heads"), head, 1),
        Question("the history", "pg_migrate: migrate_history", lambda: ours.look(own, "migrate_history"), r"^r\d", known),
        Question("the history", "Alembic: history", lambda: alembic.command(others[alembic], "history"), r"-> r\d", known),
        Question("the history", "Sqitch: log", lambda: sqitch.command(others[sqitch], "log"), "^Deploy", known),
    ]


def bench_known(report, options, dbmate):
    with tempfile.TemporaryDirectory() as name:
        asked = questions(readable(name), options.known, dbmate)
        nothing = Question("", "psql: SELECT 1", lambda: psql("bench_empty", "-c", "SELECT 1"), "^1$", 1)
        for question in support.in_turns([nothing, *asked], options.rounds):
            question.time()
    report.paragraph(f"**With {options.known} migrations known** and all of them applied: from the start of the program to its end. The ratio is to a psql that asks for nothing"
                     " (`SELECT 1`), which is what a process and its connection cost. dbmate and Sqitch have no heads; what dbmate says of its history is its status.")
    report.table(["", "", "median", "ratio to psql"], [["a process and a connection", nothing.name, median_of(nothing.times), "1"]]
                 + [[question.topic, question.name, median_of(question.times), ratio_of(question.times, nothing.times)] for question in asked])


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--tools", type=pathlib.Path, default=support.ROOT / "build/bench-tools", help="where ci/bench_tools.sh has installed what comes from npm")
    parser.add_argument("--apply", type=int, help="migrations to apply, in one transaction too: more than about 1500 need a larger max_locks_per_transaction")
    parser.add_argument("--sqitch", type=int, help="changes for Sqitch to apply")
    parser.add_argument("--known", type=int, help="migrations that are known where there is nothing to do")
    options = support.parse(parser, QUICK, FULL)
    dbmate = options.tools / "node_modules/@dbmate/linux-x64/bin/dbmate"
    report = support.Report(options, "Running migrations", {
        "Alembic": support.debian_version("python3-alembic"), "with SQLAlchemy": support.debian_version("python3-sqlalchemy"),
        "dbmate": support.npm_version(options.tools, "@dbmate/linux-x64"), "Sqitch": support.debian_version("sqitch")})
    try:
        bench_apply(report, options, dbmate)
        bench_known(report, options, dbmate)
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    support.drop_databases(["bench_empty", "bench_registered", "bench_run", *(f"bench_known_{name}" for name in ("pg_migrate", "alembic", "dbmate", "sqitch"))])
    return 0


if __name__ == "__main__":
    sys.exit(main())
