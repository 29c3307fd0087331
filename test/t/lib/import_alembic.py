#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Makes an Alembic project, has Alembic itself print it, imports that, and lets both run it.

Usage: import_alembic.py seed host port ours theirs directory

In `ours` the imported revisions are run, in `theirs` Alembic runs its own, and then hands over.
"""

import os
import random
import subprocess
import sys

import psycopg2

from beside_alembic import random_graph, value_of

INI = """[alembic]
script_location = {directory}
sqlalchemy.url = postgresql+psycopg2://{user}@/{database}?host={host}&port={port}
{logging}"""

LOGGING = """[loggers]
keys = root,alembic
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARN
handlers = console
[logger_alembic]
level = INFO
handlers =
qualname = alembic
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(levelname)-5.5s [%(name)s] %(message)s
"""

ENV = """
import logging.config
import sqlalchemy
from alembic import context
config = context.config
if "loggers" in open(config.config_file_name).read():
    logging.config.fileConfig(config.config_file_name)
options = dict({options!r}, target_metadata=None)
if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"), literal_binds=True, dialect_opts={{"paramstyle": "named"}}, **options)
    {around}
    with context.begin_transaction():
        {around}
        context.run_migrations()
        {around}
    {around}
else:
    with sqlalchemy.create_engine(config.get_main_option("sqlalchemy.url")).connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
"""

# What is printed around the revisions, and is none of theirs.
AROUND = "context.execute('SET application_name TO around')"

REVISION = '''"""{message}

Revision ID: {id}
Create Date: 2026-01-01 10:00:00.000000

"""
import os
from alembic import op
import sqlalchemy as sa
revision = {id!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends!r}
def upgrade():
{up}
def downgrade():
    if os.environ.get("RAISES") == revision:
        raise NotImplementedError("it's gone")
{down_script}
'''

# What a migration can do to its own table t, and back; {n} is the name of the table.
BODIES = [
    ("    op.create_table('{n}', sa.Column('id', sa.Integer, primary_key=True), sa.Column('it', sa.String(20), server_default=\"x'y%\"))",
     "    op.drop_table('{n}')"),
    ("    op.execute(\"CREATE TABLE {n} (id int, it text DEFAULT ';')\")\n"
     "    op.execute(\"INSERT INTO {n} VALUES (1, '-- Running upgrade a -> b'), (2, 'COMMIT;')\")\n"
     "    with op.get_context().autocommit_block():\n"
     "        op.execute('CREATE INDEX CONCURRENTLY {n}_it ON {n} (it)')\n"
     "        op.execute(\"UPDATE {n} SET it = 'by itself' WHERE id = 1\")\n"
     "    op.execute('ALTER TABLE {n} ADD PRIMARY KEY (id)')",
     "    op.drop_table('{n}')"),
    ("    op.execute('''-- a comment\n"
     "DO $$\n"
     "BEGIN\n"
     "-- Running upgrade a -> b\n"
     "    CREATE TABLE {n} (id int);\n"
     "END $$;''')\n"
     "    op.create_index('{n}_id', '{n}', ['id'], unique=True)\n"
     "    op.create_check_constraint('{n}_positive', '{n}', 'id > 0')",
     "    op.execute('DROP TABLE {n};')"),
    ("    op.execute(\"CREATE TYPE {n}_mood AS ENUM ('sad')\")\n"
     "    with op.get_context().autocommit_block():\n"
     "        op.execute(\"ALTER TYPE {n}_mood ADD VALUE 'ok'\")\n"
     "    op.execute(\"CREATE TABLE {n} (mood {n}_mood DEFAULT 'ok')\")",
     "    op.drop_table('{n}')\n    op.execute('DROP TYPE {n}_mood')"),
    ("    op.create_table('{n}', sa.Column('at', sa.DateTime(timezone=True), nullable=False, comment=\"it's\"))\n"
     "    op.bulk_insert(sa.table('{n}', sa.column('at', sa.String)), [dict(at='2026-01-01')])\n"
     "    op.execute(sa.text(\"COMMENT ON TABLE {n} IS 'a'\"))",
     "    op.drop_table('{n}')"),
    ("    op.execute('''-- Running upgrade v1 -> v2\n"
     "CREATE TABLE {n} (it text);''')\n"
     "    op.execute(\"INSERT INTO {n} VALUES ('x\\nERROR [db] it''s failed')\")\n"
     "    op.execute('UPDATE {n} SET it = it /* as it is */')",
     "    op.execute('''-- Running downgrade v2 -> v1\n"
     "DROP TABLE {n}''')"),
    ("    pass", "    pass"),
]
MESSAGES = ["create {n}", "it's {n}, with a comma", "{n}: two\nlines", "{n} \\u2014 \\u00fc", "{n}: three\n    \nDROP TABLE lines;"]


class Project:
    def __init__(self, seed, host, port, database, directory):
        source = random.Random(seed)
        self.revisions = random_graph(source, 6 + 3 * seed)
        self.log = seed % 2 == 0
        self.history = seed % 3 != 0
        self.around = seed % 4 in (1, 2)
        self.label_some(source)
        options = {"transaction_per_migration": seed % 2 == 1}
        self.version_table = "alembic_version"
        if seed % 4 == 3:
            options.update(version_table="Versions", version_table_schema="audit")
            self.version_table = 'audit."Versions"'
        os.makedirs(os.path.join(directory, "versions"))
        self.ini = os.path.join(directory, "alembic.ini")
        with open(self.ini, "w") as stream:
            stream.write(INI.format(directory=directory, host=host, port=port, database=database, user=os.environ.get("PGUSER", os.environ.get("USER", "postgres")),
                                    logging=LOGGING if self.log else ""))
        with open(os.path.join(directory, "env.py"), "w") as stream:
            stream.write(ENV.format(options=options, around=AROUND if self.around else "pass"))
        for r in self.revisions:
            name = "t_" + r["id"]
            up, down = (part.replace("{n}", name) for part in source.choice(BODIES))
            r["message"] = source.choice(MESSAGES).replace("{n}", name)
            with open(os.path.join(directory, "versions", f"{r['id']}.py"), "w") as stream:
                stream.write(REVISION.format(id=r["id"], down=value_of(r["down"]), labels=value_of(r["labels"]), depends=value_of(r["written"]),
                                             message=r["message"], up=up, down_script=down))
            lines = r["message"].encode().decode("unicode_escape").split("\n")
            r["message"] = "\n".join(line.rstrip() for line in lines)

    def label_some(self, source):
        """None, one or two labels more for each; and dependencies written as one of these."""
        labels = {}
        for number, r in enumerate(self.revisions):
            more = [f"more{number}_{n}" for n in range(source.choice([0, 0, 1, 2]))]
            r["labels"] = labels[r["id"]] = ([r["label"]] if r["label"] else []) + more
            r["written"] = [source.choice(labels[dependency] + [dependency]) for dependency in r["depends"]]

    def alembic(self, *arguments, raises=""):
        run = subprocess.run([sys.executable, "-m", "alembic", "-c", self.ini, *arguments], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT if self.log else subprocess.PIPE, text=True,
                             env={**os.environ, "PYTHONUTF8": "1", "RAISES": raises})
        if run.returncode and not raises:
            raise SystemExit(f"alembic {arguments}: {run.stdout}\n{run.stderr}")
        return run.stdout

    def heads(self):
        return [r["id"] for r in self.revisions if not any(r["id"] in other["down"] for other in self.revisions)]

    def upgrade_sql(self):
        return (self.alembic("history", "--verbose") if self.history else "") + self.alembic("upgrade", "base:heads", "--sql")

    def downgrade_sql(self, raises=""):
        return "".join(self.alembic("downgrade", f"{head}:base", "--sql", raises=raises) for head in self.heads())


class Database:
    def __init__(self, host, port, name):
        # Of a database in SQL_ASCII psycopg2 takes ASCII only.
        self.connection = psycopg2.connect(host=host, port=port, dbname=name, client_encoding="UTF8")
        self.connection.autocommit = True

    def rows(self, sql, *parameters):
        cursor = self.connection.cursor()
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def expect(got, wanted, what):
    if got != wanted:
        raise SystemExit(f"{what}\n  got    {got}\n  wanted {wanted}")


def check_stops(database, project):
    """A way back that raises an error is none, and those above it are as they would be without."""
    raises = project.revisions[len(project.revisions) // 2]["id"]
    database.rows("SELECT migrate_import_alembic(%s, %s)", project.upgrade_sql(), project.downgrade_sql(raises))
    notices = "".join(database.connection.notices)
    expect(f'revision "{raises}" is imported without a way back' in notices, True, notices)
    expect("NotImplementedError: it's gone" in notices, project.log, notices)
    ways_back = "SELECT revision, down FROM migrate.revision WHERE down IS NOT NULL ORDER BY revision COLLATE \"C\""
    above = database.rows(ways_back)
    expect(raises in dict(above), False, "a way back that raises an error")
    database.rows("SELECT migrate_import_alembic(%s, %s)", project.upgrade_sql(), project.downgrade_sql())
    whole = dict(database.rows(ways_back))
    expect(above, [(revision, whole[revision]) for revision, _ in above], "ways back above the one that raises an error")
    for r in reversed(project.revisions):
        database.rows("SELECT migrate_remove(%s)", r["id"])


def check_import(database, project):
    rows = database.rows("SELECT revision, message, action FROM migrate_import_alembic(%s, %s)", project.upgrade_sql(), project.downgrade_sql())
    says_all = project.log or project.history
    expect(sorted(rows), sorted((r["id"], r["message"] if says_all else "", "added") for r in project.revisions), "what the import returns")
    expect(database.rows("SELECT count(*) FROM migrate.revision WHERE down IS NULL"), [(0,)], "revisions without a way back")
    registered = {row[0]: row for row in database.rows("SELECT revision, down_revision, depends_on, branch_labels FROM migrate_history()")}
    for r in project.revisions:
        _, down, depends, labels = registered[r["id"]]
        expect(sorted(down), sorted(r["down"]), f"parents of {r['id']}")
        if project.history:
            expect(depends, r["depends"], f"dependencies of {r['id']}")
            expect(set(r["labels"]) <= set(labels), True, f"labels of {r['id']}")
            # A label stands for the revision that declares it, and the rows of the version table tell which one a dependency means.
            for dependency, written in zip(r["depends"], r["written"]):
                expect(database.rows("SELECT revision FROM migrate_show(%s)", written), [(dependency,)], f"what {written} stands for")
        else:
            expect(set(depends) <= set(r["depends"]), True, f"dependencies of {r['id']}")


def main():
    seed, host, port, ours, theirs, directory = sys.argv[1:]
    project = Project(int(seed), host, port, theirs, directory)
    here, there = Database(host, port, ours), Database(host, port, theirs)
    if project.version_table != "alembic_version":
        there.rows("CREATE SCHEMA audit")
    check_stops(here, project)
    for database in here, there:
        check_import(database, project)
    here.rows("SELECT migrate_upgrade('heads')")
    project.alembic("upgrade", "heads")
    # The state of a database that Alembic has migrated, as the manual says.
    there.rows(f"SELECT migrate_stamp((SELECT coalesce(string_agg(version_num, ','), 'base') FROM {project.version_table}))")
    versions = f"SELECT version_num FROM {project.version_table} ORDER BY version_num COLLATE \"C\""
    current = "SELECT revision FROM migrate.version ORDER BY revision COLLATE \"C\""
    if project.history:
        expect(here.rows(current), there.rows(versions), "versions after the upgrade here")
    expect(there.rows(current), there.rows(versions), "versions after the stamp")
    # Both go on from here with revisions that Alembic does not know. A head on which another line depends is not merged, as in Alembic.
    several = here.rows("SELECT count(*) FROM migrate_heads(true)") != [(1,)]
    for database in here, there:
        if several:
            database.rows("SELECT migrate_merge(message => 'all', revision => 'aaaaaaaaaaaa')")
        database.rows("SELECT migrate_revision('next', up => 'CREATE TABLE t_next (id int)', down => 'DROP TABLE t_next', revision => 'bbbbbbbbbbbb', down_revision => %s)",
                      "aaaaaaaaaaaa" if several else "head")
        database.rows("SELECT migrate_upgrade('bbbbbbbbbbbb')")
        expect(database.rows(current), [("bbbbbbbbbbbb",)], "versions after the next revision")
    print(f"{len(project.revisions)} revisions: as they were")
    return 0


if __name__ == "__main__":
    sys.exit(main())
