#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Runs the same commands through Alembic and through pg_migrate and compares what each leaves.

Usage: beside_alembic.py seed host port ours theirs directory
"""

import io
import os
import random
import sys

import alembic.command
import alembic.config
import alembic.runtime.migration
import psycopg2
import sqlalchemy

ENV = """
from alembic import context
def run():
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
run()
"""

REVISION = """
revision = {id!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends!r}
from alembic import op
def upgrade():
    op.execute({up!r})
def downgrade():
    op.execute({down_script!r})
"""


def random_graph(source, size):
    """Parents first. No edge is implied by another: under redundant edges Alembic leaves version rows that it should not."""
    revisions, ancestors = [], {}
    for number in range(size):
        name = "%04x%08x" % (source.randrange(1 << 16), number)
        heads = [r["id"] for r in revisions if not any(r["id"] in other["down"] for other in revisions)]
        kind = source.random()
        if not revisions or kind < 0.08:
            down = []
        elif kind < 0.25 and len(heads) > 1:
            down = sorted(source.sample(heads, 2))
        elif kind < 0.75:
            down = [source.choice(heads)]
        else:
            down = [source.choice(revisions)["id"]]
        below = set(down).union(*(ancestors[parent] for parent in down)) if down else set()
        if any(parent in ancestors[other] for parent in down for other in down):
            down = down[:1]
            below = set(down) | ancestors[down[0]]
        others = [r["id"] for r in revisions if r["id"] not in below and not ancestors[r["id"]] & set(down)]
        depends = [source.choice(others)] if others and source.random() < 0.2 else []
        for dependency in depends:
            below |= {dependency} | ancestors[dependency]
        ancestors[name] = below
        label = f"label{number}" if not down else None
        revisions.append({"id": name, "down": down, "depends": depends, "label": label,
                          "up": f"CREATE TABLE t_{name} (id int); COMMENT ON TABLE t_{name} IS '{number}'", "down_script": f"DROP TABLE t_{name}"})
    return revisions


def value_of(names):
    return None if not names else names[0] if len(names) == 1 else tuple(names)


# Alembic takes the version rows as the table happens to have them, and `downgrade -1` starts from the first; here they come in the order of the ids.
as_stored = alembic.runtime.migration.MigrationContext.get_current_heads
alembic.runtime.migration.MigrationContext.get_current_heads = lambda context: tuple(sorted(as_stored(context)))


class Theirs:
    def __init__(self, host, port, database, directory, revisions):
        os.makedirs(os.path.join(directory, "versions"))
        with open(os.path.join(directory, "env.py"), "w") as stream:
            stream.write(ENV)
        for r in revisions:
            with open(os.path.join(directory, "versions", f"{r['id']}.py"), "w") as stream:
                stream.write(REVISION.format(id=r["id"], down=value_of(r["down"]), labels=r["label"], depends=value_of(r["depends"]),
                                             up=r["up"], down_script=r["down_script"]))
        self.engine = sqlalchemy.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(host=host, port=port, dbname=database))
        self.config = alembic.config.Config(stdout=io.StringIO())
        self.config.set_main_option("script_location", directory)

    def run(self, command, target, purge):
        try:
            with self.engine.begin() as connection:
                self.config.attributes["connection"] = connection
                if command == "stamp":
                    alembic.command.stamp(self.config, target, purge=purge)
                else:
                    getattr(alembic.command, command)(self.config, target)
            return True
        except Exception as error:  # whatever it raises: Alembic has errors of several kinds
            self.error = error
            return False

    def version(self):
        with self.engine.connect() as connection:
            if not sqlalchemy.inspect(connection).has_table("alembic_version"):
                return []
            return sorted(row[0] for row in connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")))

    def tables(self):
        return tables(self.engine.raw_connection())


class Ours:
    def __init__(self, host, port, database, revisions):
        self.connection = psycopg2.connect(host=host, port=port, dbname=database)
        self.connection.autocommit = True
        cursor = self.connection.cursor()
        for r in random.Random(len(revisions)).sample(revisions, len(revisions)):
            cursor.execute("SELECT migrate_revision(message => '', revision => %s, down_revision => %s, branch_label => %s, depends_on => %s, up => %s, down => %s)",
                           (r["id"], ",".join(r["down"]) or "base", r["label"], ",".join(r["depends"]) or None, r["up"], r["down_script"]))

    def run(self, command, target, purge):
        try:
            cursor = self.connection.cursor()
            if command == "stamp":
                cursor.execute("SELECT migrate_stamp(%s, %s)", (target, purge))
            else:
                cursor.execute(f"SELECT migrate_{command}(%s)", (target,))
            return True
        except psycopg2.Error as error:
            self.error = error
            return False

    def version(self):
        cursor = self.connection.cursor()
        cursor.execute("SELECT revision FROM migrate.version ORDER BY revision COLLATE \"C\"")
        return [row[0] for row in cursor]

    def tables(self):
        return tables(self.connection)


def tables(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 't\\_%' AND relkind = 'r' ORDER BY 1")
    return [row[0] for row in cursor]


def random_command(source, revisions):
    one = source.choice(revisions)["id"]
    label = source.choice([r["label"] for r in revisions if r["label"]])
    kind = source.random()
    if kind < 0.5:
        return "upgrade", source.choice(["heads", one, one, "+1", "+2", f"{label}@head", f"{label}@heads", f"{label}@+1", "head", one[:6]]), False
    if kind < 0.9:
        return "downgrade", source.choice([one, one, "-1", "-2", f"{label}@base", f"{label}@-1", "base", f"{one}-1"]), False
    # Not several targets at once: there Alembic loses rows.
    return "stamp", source.choice([one, one, "head", "base"]), source.random() < 0.2


def main():
    seed, host, port, ours, theirs, directory = sys.argv[1:]
    source = random.Random(int(seed))
    revisions = random_graph(source, 8 + 3 * int(seed))
    sides = Ours(host, port, ours, revisions), Theirs(host, port, theirs, os.path.join(directory, f"alembic{seed}"), revisions)
    errors, count = 0, 60
    for number in range(count):
        command, target, purge = random_command(source, revisions)
        results = [side.run(command, target, purge) for side in sides]
        versions = [side.version() for side in sides]
        made = [side.tables() for side in sides]
        if results[0] != results[1] or versions[0] != versions[1] or made[0] != made[1]:
            print(f"command {number}: {command} {target} purge={purge}")
            for name, side, result, version, these in zip(("ours", "theirs"), sides, results, versions, made):
                print(f"  {name}: {'done' if result else getattr(side, 'error', None)!r} version {version} tables {these}")
            for r in revisions:
                print("   ", r["id"], r["down"], r["depends"], r["label"])
            return 1
        errors += not results[0]
    print(f"{count} commands agree, {errors} of them errors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
