#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Random schemas (generator.py): one is turned into the other by a revision that migrate_autogenerate() writes, and back; pg_dump is the judge.

  - After the way up the database is dumped as the other schema is, after the way down as it was, object by object; the rows of the catalogues are the same,
    and migrate_check() finds nothing, either time. (What pairs.py compares, and how.)
  - A table or column that both have is still the same one (pg_class.oid, pg_attribute.attnum).
  - The rows of a table that both have are still there, both times, with their values in the columns that have the same type in both.
  - Where the way up fails on rows, its script has said that it may; then it is tried without rows.
  - migrate_verify() proves the revision.
  - A third of the revisions is written with online => true: they arrive at the same.

usage: roundtrip.py FIRST [COUNT]: the seeds FIRST, FIRST + 1, …; each failure is printed with its seed. SHOW=1 prints both schemas and the scripts.
The cluster is the one that libpq's environment names; roles are added to it. PAIRS_JOBS: how many at a time.
"""
import copy
import json
import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "pairs"))
from as_sql import ddl, rows  # noqa: E402
from generator import Generator  # noqa: E402
from objects import TEXTS, root  # noqa: E402
import catalogue  # noqa: E402
from pairs import OWN, Failed, TOOLS, catalogue_differs, difference, drop_database, dump, identities, in_slots, made_again, make_database, psql, quoted, read_twice  # noqa: E402

# With the attributes of composite types, whose values have as many parts.
COLUMNS = """
SELECT json_object_agg(what, columns)
  FROM (SELECT c.oid::regclass::text AS what, json_object_agg(quote_ident(a.attname), concat_ws(' ', format_type(a.atttypid, a.atttypmod),
                 (SELECT string_agg(p.attname || ' ' || format_type(p.atttypid, p.atttypmod), ', ' ORDER BY p.attnum)
                    FROM pg_type t JOIN pg_attribute p ON p.attrelid = t.typrelid AND p.attnum > 0 AND NOT p.attisdropped
                   WHERE a.atttypid IN (t.oid, t.typarray)))) AS columns
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relkind = 'r' AND a.attgenerated = '' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'migrate')
         GROUP BY c.oid) x
"""
OWNERS_OR_RIGHTS = re.compile(r"^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b|\bOWNER TO\b", re.M)


def columns(database):
    return json.loads(psql(database, "SET search_path = pg_catalog;" + COLUMNS).strip() or "{}")


def values(database, table, names):
    """In no order."""
    wanted = ", ".join(f"{name}::text" for name in names)
    return psql(database, f"SELECT (ROW({wanted})::text) COLLATE \"C\" FROM ONLY {table} ORDER BY 1") if names else psql(database, f"SELECT count(*) FROM ONLY {table}")


def all_values(database, tables):
    """tables: the columns of each."""
    return {table: values(database, table, names) for table, names in tables.items()}


def renamed(renames):
    """By the old name of a table, the new one; by (table, old column), the new column."""
    tables, fields = {}, {}
    for each in renames:
        part = r'("(?:[^"]|"")*"|[^."]+)'
        column = re.fullmatch(rf"{part}\.{part}\.{part}:{part}", each)
        table = re.fullmatch(rf"(.*):({part}\.{part})", each)
        if column:
            fields[f"{column[1]}.{column[2]}", column[3]] = column[4]
        else:
            tables[table[1]] = table[2]
    return tables, fields


class Trial:
    def __init__(self, seed, slot):
        self.seed = seed
        self.one, self.other, self.spare = (f"roundtrip_{slot}_{each}" for each in ("is", "wanted", "spare"))
        self.first, self.second, self.renames = Generator(seed).pair()
        self.script = ""

    def run(self):
        try:
            try:
                return self.there_and_back(True)
            except Failed as error:
                lost = "the constraint is not valid then" in self.script and re.fullmatch(r"migrate_verify: (after down: constraint \S.*: changed: not_valid\s*)+", str(error))
                if lost or "-- may fail" in self.script and re.search(r"violates|contains null|no partition|invalid input|cannot be cast|out of range|could not create (?:unique|exclusion)|malformed|duplicate key|is too long|violated", str(error)):
                    return self.there_and_back(False)
                raise
        except (Failed, subprocess.TimeoutExpired) as error:
            return str(error)
        finally:
            for each in (self.one, self.other, self.spare):
                drop_database(each)

    def call(self, sql):
        return psql(self.one, f"SET search_path = {TOOLS};\n{sql}").strip()

    def dumped(self):
        return re.sub(OWN, "", dump(self.one), flags=re.M)

    def wrong(self, text, wanted):
        return difference(text, wanted) and difference(read_twice(self.spare, text), read_twice(self.spare, wanted))

    def there_and_back(self, with_rows):
        make_database(self.other, ddl(self.second))
        make_database(self.one, ddl(self.first))
        before_dump, wanted = dump(self.one), dump(self.other)
        before_rows, wanted_rows = catalogue.rows(psql, self.one), catalogue.rows(psql, self.other)
        if with_rows:
            try:
                psql(self.one, "\\set ON_ERROR_STOP off\n" + rows(self.first))
            except Failed:
                pass
        psql(self.one, f"RESET ALL; CREATE SCHEMA {TOOLS}; CREATE EXTENSION pg_migrate SCHEMA {TOOLS}")
        before, columns_before = identities(self.one), columns(self.one)
        text = ddl(self.second)
        # A text that says nothing of owners and rights leaves them as they are; then only a dump asks for rights to go.
        said = OWNERS_OR_RIGHTS.search(text) or not OWNERS_OR_RIGHTS.search(ddl(self.first))
        model = text if self.seed % 2 == 0 and said else wanted
        renames = f", renames => {quoted(', '.join(self.renames))}" if self.renames else ""
        online = ", online => true" if self.seed % 3 == 0 else ""
        revision = self.call(f"SELECT migrate_autogenerate('there', model => {quoted(model)}{renames}{online});")
        if not revision:
            return "ok" if not self.wrong(before_dump, wanted) else "no revision, though the schemas differ"
        self.script = self.call(f"SELECT up || E'\\n---- down\\n' || down FROM migrate_show('{revision}');")
        tables, fields = renamed(self.renames)
        columns_wanted = columns(self.other)
        kept = {}
        for table, names in columns_before.items():
            there = columns_wanted.get(tables.get(table, table))
            if there is not None:
                kept[table] = {name: fields.get((table, name), name) for name, type_ in names.items() if there.get(fields.get((table, name), name)) == type_}
        was = all_values(self.one, {table: list(names) for table, names in kept.items()})
        proof = self.call("SELECT difference FROM migrate_verify() WHERE identical IS NOT TRUE;")
        # A value of an enumeration cannot be used in the transaction that adds it, which is what a proof is.
        if proof and not ("ADD VALUE" in self.script and "55P04" in proof):
            raise Failed(f"migrate_verify: {proof}")
        self.call("SELECT FROM migrate_upgrade('head');")
        problem = self.arrived(self.second, wanted, model, wanted_rows)
        if problem:
            return f"up: {problem}"
        again = [] if self.renames else made_again(before, identities(self.one), identities(self.other))
        # Nothing alters the key of a partitioned table. Its rows are those of its partitions, which are not made again.
        keys = {each.path.replace('"', "") for each in self.second if each.kind in ("table", "partition") and getattr(root(each), "retyped", False) and each.key}
        # A generated column goes with the function that it calls.
        calling = {f"{each.path}.{column.path}".replace('"', "") for each in self.second if each.kind == "table" for column in each.columns
                   if column.generated and not column.generated.endswith("+ 1")}
        again = [each for each in again if each.replace('"', "") not in keys | calling | self.emptied_into()]
        if again:
            return f"up: made again: {', '.join(again)}"
        for table, names in kept.items():
            if table.replace('"', "") not in self.emptied_into() and values(self.one, tables.get(table, table), list(names.values())) != was[table]:
                return f"up: the rows of {table} are others"
        self.call("SELECT FROM migrate_downgrade('base');")
        problem = self.arrived(self.first, before_dump, before_dump, before_rows)
        if problem:
            return f"down: {problem}"
        for table, names in kept.items():
            if values(self.one, table, list(names)) != was[table]:
                return f"down: the rows of {table} are others"
        return "ok"

    def emptied_into(self):
        """Partitions whose rows may come to others of the table: the default ones beside one that goes while the key gets another type, and all beside
        a default one whose numbers become texts."""
        there = {each.path: each for each in self.second if each.kind == "partition"}
        partitions = [each for each in self.first if each.kind == "partition"]
        trees = {each.path: [other for other in partitions if root(other) is root(each)] for each in partitions}
        found = {each.path for each in partitions if each.bound == "DEFAULT" and any(other.path not in there for other in trees[each.path])}
        found |= {each.path for each in partitions if any(other.bound == "DEFAULT" for other in trees[each.path]) and each.path in there
                  and each.table.key[1].type not in TEXTS and there[each.path].table.key[1].type in TEXTS}
        return {path.replace('"', "") for path in found}

    def arrived(self, schema, wanted, model, rows_wanted):
        left = self.call(f"SELECT kind, object, change FROM migrate_check(model => {quoted(model)});")
        if left:
            return f"migrate_check: {left}"
        problem = self.differs(wanted, rows_wanted)
        # Lists of names for columns, and what * stands for, are in the order of the columns, which nothing can change.
        return problem and self.differs(*self.in_order(schema))

    def differs(self, wanted, rows_wanted):
        return self.wrong(self.dumped(), wanted) or catalogue_differs(self.one, rows_wanted, self.spare, wanted)

    def in_order(self, schema):
        """The dump and the rows of the schema if its columns were in the order that they are in now."""
        schema = copy.deepcopy(schema)
        places = {name.replace('"', ""): place for name, place in identities(self.one).items()}
        for table in schema:
            if table.kind == "table":
                table.columns.sort(key=lambda column: places[f"{table.path}.{column.name}".replace('"', "")])
        make_database(self.spare, ddl(schema))
        return dump(self.spare), catalogue.rows(psql, self.spare)

    def show(self):
        print(f"---- seed {self.seed}\n{ddl(self.first)}\n---- rows\n{rows(self.first)}\n---- wanted, renames {self.renames}\n{ddl(self.second)}\n---- up\n{self.script}")


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2] if len(sys.argv) > 2 else 1)
    for role in ("roundtrip_one", "roundtrip_two"):
        psql("postgres", f"DO $$BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$")
    def run(seed, slot):
        trial = Trial(seed, slot)
        return trial, trial.run()

    failures, started = 0, time.time()
    for done, (seed, (trial, found)) in enumerate(in_slots(run, range(first, first + count)), 1):
        if os.environ.get("SHOW"):
            trial.show()
        if found != "ok":
            failures += 1
            print(f"seed {seed}: {found}", flush=True)
        if done % 50 == 0:
            print(f"... {done} of {count}, {failures} failed", flush=True)
    print(f"{count} pairs, seeds {first} to {first + count - 1}: {failures} failed, {time.time() - started:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
