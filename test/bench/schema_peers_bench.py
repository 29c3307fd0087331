#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""What it takes to write the script between two schemas, beside migra, apgdiff and Alembic.

Uses the server that libpq's environment names (ci/with_server.sh makes one), with a release build of the extension, and @pgkit/migra as ci/bench_tools.sh has
installed it. Two databases of many tables differ in some places. Each program writes the script that makes the one like the other; its time is that from the two
databases to the script, pg_dump included where it reads dumps. Rounds in which all take their turns; medians; ratios to one pg_dump in the same rounds. The script
of the first round is run, and what has become of each difference is looked at in the catalogue.
"""

import collections
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the directory of the sources stays as it is

import support  # noqa: E402
from support import Failed, execute, median_of, new_database, progress, psql, ratio_of, run  # noqa: E402

FULL = {"rounds": 5, "tables": [100, 1000], "many": [8500]}
QUICK = {"rounds": 2, "tables": [20], "many": [40]}

COLUMNS = ("SELECT string_agg(format('%%s %%s %%s %%s', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)), ', ' ORDER BY attname)"
           " FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = to_regclass('%s') AND attnum > 0 AND NOT attisdropped")
CONSTRAINTS = "SELECT string_agg(format('%%s %%s', conname, pg_get_constraintdef(oid)), ', ' ORDER BY conname) FROM pg_constraint WHERE conrelid = to_regclass('%s')"
INDEXES = "SELECT string_agg(pg_get_indexdef(indexrelid), ', ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = to_regclass('%s')"

# What both databases have beside the tables.
BEFORE = [
    "CREATE TYPE stage AS ENUM ('new', 'done')",
    "ALTER TABLE t11 ADD COLUMN stage stage",
    "CREATE VIEW recent AS SELECT id, name FROM t12 WHERE created_at > '2026-01-01'",
    "CREATE FUNCTION fee(amount numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN amount * 0.1; END'",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.created_at := now(); RETURN NEW; END'",
    "CREATE TABLE obsolete (id bigint PRIMARY KEY)",
]


class Difference:
    """What only one of the databases has been through, the objects that migrate_check() has to name for it, and the query by which its end is known."""

    def __init__(self, name, ddl, objects, probe):
        self.name, self.ddl, self.objects, self.probe = name, ddl, objects, probe


DIFFERENCES = [
    Difference("column added", "ALTER TABLE t1 ADD COLUMN rank integer NOT NULL DEFAULT 7", ["public.t1.rank"], COLUMNS % "t1"),
    Difference("column removed", "ALTER TABLE t2 DROP COLUMN note", ["public.t2.note"], COLUMNS % "t2"),
    Difference("type of a column", "ALTER TABLE t3 ALTER COLUMN email TYPE varchar(300)", ["public.t3.email"], COLUMNS % "t3"),
    Difference("default of a column", "ALTER TABLE t4 ALTER COLUMN amount SET DEFAULT 1", ["public.t4.amount"], COLUMNS % "t4"),
    Difference("NOT NULL", "ALTER TABLE t5 ALTER COLUMN state SET NOT NULL", ["public.t5.state"], COLUMNS % "t5"),
    Difference("CHECK added", "ALTER TABLE t6 ADD CONSTRAINT t6_amount CHECK (amount >= 0)", ["t6_amount ON public.t6"], CONSTRAINTS % "t6"),
    Difference("foreign key altered", "ALTER TABLE t7 DROP CONSTRAINT t7_parent_fkey, ADD CONSTRAINT t7_parent_fkey FOREIGN KEY (parent) REFERENCES t3 ON DELETE CASCADE", ["t7_parent_fkey ON public.t7"], CONSTRAINTS % "t7"),
    Difference("index added", "CREATE INDEX t8_lower_name ON t8 (lower(name)) WHERE flag", ["public.t8_lower_name"], INDEXES % "t8"),
    Difference("index altered", "DROP INDEX t9_name_idx; CREATE INDEX t9_name_idx ON t9 (name DESC)", ["public.t9_name_idx"], INDEXES % "t9"),
    Difference("table added", "CREATE TABLE extra (id bigint PRIMARY KEY, parent bigint REFERENCES t10 (id), name text UNIQUE)", ["public.extra", "extra_parent_fkey ON public.extra"],
               f"SELECT concat_ws('; ', ({COLUMNS % 'extra'}), ({CONSTRAINTS % 'extra'}))"),
    Difference("table removed", "DROP TABLE obsolete", ["public.obsolete"], "SELECT to_regclass('obsolete')::text"),
    Difference("value of an enum", "ALTER TYPE stage ADD VALUE 'held' BEFORE 'done'", ["public.stage"],
               "SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = to_regtype('stage')"),
    Difference("view altered", "CREATE OR REPLACE VIEW recent AS SELECT id, name FROM t12 WHERE created_at > '2026-06-01'", ["public.recent"], "SELECT pg_get_viewdef(to_regclass('recent'))"),
    Difference("function altered", "CREATE OR REPLACE FUNCTION fee(amount numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN amount * 0.2; END'", ["public.fee(numeric)"],
               "SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('fee(numeric)')"),
    Difference("trigger added", "CREATE TRIGGER touched BEFORE UPDATE ON t13 FOR EACH ROW EXECUTE FUNCTION touch()", ["touched ON public.t13"],
               "SELECT string_agg(pg_get_triggerdef(oid), '; ') FROM pg_trigger WHERE tgrelid = to_regclass('t13') AND NOT tgisinternal"),
    Difference("comment", "COMMENT ON COLUMN t14.state IS 'see the manual'", ["public.t14.state"],
               "SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = to_regclass('t14') AND attname = 'state'"),
]
TABLES_NEEDED = 20


def make_databases(count):
    """bench_is and bench_should. Copies of the first: with the extension, the same with the second as a schema of it, and one that Alembic adds its table to."""
    new_database("bench_is")
    support.make_tables("bench_is", count, "public", *BEFORE)
    execute("bench_is", "VACUUM ANALYZE")
    new_database("bench_should", "bench_is")
    new_database("bench_alembic", "bench_is")
    execute("bench_should", *(difference.ddl for difference in DIFFERENCES), "VACUUM ANALYZE")
    for name in ("bench_text", "bench_schema"):
        new_database(name, "bench_is")
        execute(name, "CREATE SCHEMA tools", "CREATE EXTENSION pg_migrate SCHEMA tools")
    support.make_tables("bench_schema", count, "model", *BEFORE, *(difference.ddl for difference in DIFFERENCES))
    execute("bench_schema", "VACUUM ANALYZE")
    differing = [difference.name for difference in DIFFERENCES if value_of("bench_is", difference) == value_of("bench_should", difference)]
    assert not differing, f"the databases do not differ in: {differing}"


def value_of(database, difference):
    return execute(database, difference.probe)


class Tool:
    """A program that compares. `time` does it, notes down how long it took, and returns the script."""

    def __init__(self, name, directory, patience):
        self.name, self.directory, self.patience = name, directory, patience
        self.times, self.script, self.failure, self.missed, self.notes = [], None, None, None, []

    def time(self):
        """Once more, unless it has failed or used up the patience; the script is that of the first time."""
        if self.failure or sum(self.times) > self.patience:
            return
        try:
            seconds, script = self.compare()
        except Failed as failure:
            self.failure = f"fails: {failure}"
            return
        assert self.script in (None, script), f"{self.name} has written another script than before"
        self.times.append(seconds)
        self.script = script

    def compare(self):
        """The seconds that it took and the script; some take notes of parts of it as well."""
        raise NotImplementedError

    def run_script(self, database):
        """What the statements say that fail."""
        file = self.directory / "script.sql"
        file.write_text(self.script, encoding="utf-8")
        done = subprocess.run(["psql", "-X", "-q", "-d", database, "-o", "/dev/null", "-f", file], capture_output=True, text=True, check=True,
                              env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"})
        return [line.partition("ERROR:")[2].strip() for line in done.stderr.splitlines() if "ERROR:" in line]

    def judge(self):
        """Runs the script and looks for each difference."""
        new_database("bench_run", "bench_is")
        failed = self.run_script("bench_run")
        self.missed = [difference.name for difference in DIFFERENCES if value_of("bench_run", difference) != value_of("bench_should", difference)]
        before, after, wanted = dump_of("bench_is"), dump_of("bench_run"), dump_of("bench_should")
        if (before & wanted) - after or after - (before | wanted):
            self.notes.append("its script changes more than these")
        if failed:
            self.notes.append(f"statements of its script that fail: {len(failed)}, the first with {failed[0]}")

    def rows(self, baseline):
        found = "" if self.missed is None else f"{len(DIFFERENCES) - len(self.missed)} of {len(DIFFERENCES)}"
        if not self.times:
            return [[self.name, 0, "", "", "failed"]]
        return [[self.name, len(self.times), median_of(self.times), ratio_of(self.times, baseline), found]]

    def remarks(self):
        """What the table has no room for."""
        missed = [f"does not find: {', '.join(self.missed)}"] if self.missed else []
        return [f"{self.name}: {'; '.join(said)}." for said in [[*([self.failure] if self.failure else []), *missed, *self.notes]] if said]


def dump_of(database):
    """The lines of its dump, whatever their order, which depends on that of columns; the key of \\restrict is another one each time."""
    lines = run(["pg_dump", "--schema-only", "-d", database]).output.splitlines()
    return collections.Counter(line.strip().rstrip(",") for line in lines if not line.startswith(("--", "\\restrict", "\\unrestrict")))


class PgDump(Tool):
    """No comparison: what it takes to read one of the databases, which the others are measured by."""

    def judge(self):
        assert self.script, self.failure

    def compare(self):
        return run(["pg_dump", "--schema-only", "-d", "bench_should"]).seconds, "read"


# psql reads the text of the model from pg_dump, so that its time is part of it.
MODEL = "\\set model `pg_dump --schema-only -d bench_should`\n"
TEXT = "model => :'model'"
# Of all schemas the one with the extension's functions would be taken for one that the text lacks.
SCHEMA = "model_schema => 'model', schemas => 'public'"


class Autogenerate(Tool):
    def __init__(self, name, directory, patience, database, model):
        super().__init__(name, directory, patience)
        self.database, self.file = database, directory / f"autogenerate_{database}.sql"
        self.file.write_text((MODEL if model is TEXT else "") + f"SELECT migrate_autogenerate('bench', {model}, revision => 'bench') AS id \\gset\n"
                             "SELECT up FROM migrate.revision WHERE revision = :'id';\n", encoding="utf-8")

    def compare(self):
        finished = psql(f"dbname={self.database} options='-c search_path=public,tools'", "-f", self.file)
        execute(self.database, "SELECT tools.migrate_remove('bench')")
        return finished.seconds, finished.output


class Check(Tool):
    """Has no script; what it has to find is the objects of each difference, and no other."""

    def __init__(self, name, directory, patience, database, model):
        super().__init__(name, directory, patience)
        self.database, self.file = database, directory / f"check_{database}.sql"
        self.file.write_text((MODEL if model is TEXT else "") + f"SELECT kind, object, change FROM migrate_check({model});\n", encoding="utf-8")

    def compare(self):
        finished = psql(f"dbname={self.database} options='-c search_path=public,tools'", "-f", self.file)
        return finished.seconds, finished.output

    def judge(self):
        found = {line.split("|")[1] for line in self.script.splitlines()}
        self.missed = [difference.name for difference in DIFFERENCES if not found.issuperset(difference.objects)]
        if found.difference(*(difference.objects for difference in DIFFERENCES)):
            self.notes.append("it names more than these")


class Migra(Tool):
    def __init__(self, name, directory, patience, program):
        super().__init__(name, directory, patience)
        self.program = program

    def compare(self):
        # It refuses to drop without --unsafe, which would take what follows for its value.
        finished = run(["node", self.program, support.url_of("bench_is"), support.url_of("bench_should"), "--unsafe"], timeout=self.patience)
        return finished.seconds, finished.output


class Apgdiff(Tool):
    def __init__(self, name, directory, patience):
        super().__init__(name, directory, patience)
        self.dumping = []

    def compare(self):
        files, dumped = [], 0
        for database in ("bench_is", "bench_should"):
            files.append(self.directory / f"{database}.sql")
            # Lines that pg_dump writes for psql, and that apgdiff cannot read.
            dumped += run(["bash", "-o", "pipefail", "-c", r"pg_dump --schema-only -d $1 | sed '/^\\\(un\)\?restrict /d' >$2", "dump", database, files[-1]]).seconds
        finished = run(["apgdiff", *files], timeout=self.patience)
        self.dumping.append(dumped)
        return dumped + finished.seconds, finished.output

    def rows(self, baseline):
        if not self.times:
            return super().rows(baseline)
        return super().rows(baseline) + [["    of that the two pg_dumps", len(self.dumping), median_of(self.dumping), ratio_of(self.dumping, baseline), ""]]


class Alembic(Tool):
    """The tables of one database, reflected, are the model for the other. Its script is a revision, which it runs itself."""

    def __init__(self, name, directory, patience):
        super().__init__(name, directory, patience)
        self.versions = directory / "versions"
        self.versions.mkdir()
        (directory / "alembic.ini").write_text("[alembic]\nscript_location = .\n", encoding="utf-8")
        shutil.copy(pathlib.Path(__file__).with_name("alembic_env.py"), directory / "env.py")
        # What `alembic init` writes, without what differs from time to time.
        (directory / "script.py.mako").write_text("from alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\n"
                                                  "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\nbranch_labels = None\ndepends_on = None\n\n\n"
                                                  "def upgrade():\n    ${upgrades}\n\n\ndef downgrade():\n    ${downgrades}\n", encoding="utf-8")

    def command(self, database, *arguments, **environment):
        return run(["/usr/bin/python3", "-m", "alembic", *arguments], {"BENCH_DATABASE": database, **environment}, self.directory, self.patience)

    def compare(self):
        for file in self.versions.glob("*.py"):
            file.unlink()
        finished = self.command("bench_alembic", "revision", "--autogenerate", "--rev-id", "bench", BENCH_MODEL="bench_should")
        (file,) = self.versions.glob("*.py")
        return finished.seconds, file.read_text(encoding="utf-8")

    def run_script(self, database):
        try:
            self.command(database, "upgrade", "head")
        except Failed as failure:
            return [str(failure)]
        finally:
            execute(database, "DROP TABLE IF EXISTS alembic_version")
        return []


def tools(directory, options, all_of_them):
    def of(kind, name, *more):
        own = directory / f"{len(list(directory.iterdir()))}"
        own.mkdir()
        return kind(name, own, options.patience, *more)

    yield of(PgDump, "pg_dump --schema-only of one database")
    yield of(Autogenerate, "pg_migrate: pg_dump, migrate_autogenerate(model => text)", "bench_text", TEXT)
    yield of(Check, "pg_migrate: pg_dump, migrate_check(model => text)", "bench_text", TEXT)
    yield of(Autogenerate, "pg_migrate: migrate_autogenerate(model_schema => …)", "bench_schema", SCHEMA)
    yield of(Check, "pg_migrate: migrate_check(model_schema => …)", "bench_schema", SCHEMA)
    if all_of_them:
        yield of(Migra, "@pgkit/migra", options.tools / "node_modules/@pgkit/migra/dist/command.js")
        yield of(Apgdiff, "apgdiff, and two pg_dumps")
        yield of(Alembic, "Alembic: revision --autogenerate")


def measure(report, options, count, all_of_them):
    progress(f"{count} tables")
    make_databases(count)
    with tempfile.TemporaryDirectory() as directory:
        compared = list(tools(pathlib.Path(directory), options, all_of_them))
        for tool in support.in_turns(compared, options.rounds):
            progress(tool.name)
            tool.time()
        for tool in compared:
            if tool.script:
                tool.judge()
        baseline, *_ = compared
        report.paragraph(f"**{count} tables** and {len(DIFFERENCES)} differences:")
        report.table(["", "rounds", "median", "ratio to pg_dump", "found"], [row for tool in compared for row in tool.rows(baseline.times)])
        for tool in compared:
            for remark in tool.remarks():
                report.paragraph(remark)


def main():
    parser = support.arguments(__doc__)
    parser.add_argument("--tools", type=pathlib.Path, default=support.ROOT / "build/bench-tools", help="where ci/bench_tools.sh has installed what comes from npm")
    parser.add_argument("--tables", type=int, nargs="*", help=f"numbers of tables for all programs, from {TABLES_NEEDED} on")
    parser.add_argument("--many", type=int, nargs="*", help="numbers of tables for pg_migrate and pg_dump alone")
    parser.add_argument("--patience", type=float, default=900, help="seconds: a program that takes longer is ended, and one that has taken longer in all has no further round")
    options = support.parse(parser, QUICK, FULL)
    if min([*options.tables, *options.many]) < TABLES_NEEDED:
        parser.error(f"the differences need {TABLES_NEEDED} tables")
    report = support.Report(options, "Comparing schemas", {
        "@pgkit/migra": support.npm_version(options.tools, "@pgkit/migra"), "apgdiff": support.debian_version("apgdiff"),
        "Alembic": support.debian_version("python3-alembic"), "with SQLAlchemy": support.debian_version("python3-sqlalchemy")})
    for count in options.tables:
        measure(report, options, count, True)
    for count in options.many:
        measure(report, options, count, False)
    support.drop_databases(["bench_is", "bench_should", "bench_alembic", "bench_text", "bench_schema", "bench_run"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
