#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Databases that others have made, each made from nothing by a revision that migrate_autogenerate() writes, and taken back to nothing; pg_dump and the raw
rows of the catalogues are the judges.

  - The database does not differ from its own dump (migrate_check()).
  - After the way up an empty database is dumped as the database is, object by object, and has the same rows in its catalogues as what psql makes of the dump.
  - migrate_verify() proves the revision; after the way back nothing is left in the catalogues.

usage: from_nothing.py DATABASE.... The cluster is the one that libpq's environment names; the databases are left as they are, but for the extension.
expected_databases.txt, beside this file, names what comes out otherwise, and why.
"""
import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import catalogue  # noqa: E402
from pairs import OWN, TOOLS, Failed, difference, drop_database, dump, make_database, psql, quoted, read_twice  # noqa: E402

MADE, PLAIN, SPARE, EMPTY = (f"from_nothing_{each}" for each in ("made", "plain", "spare", "empty"))
WITHOUT_EXTENSION = f"DROP EXTENSION pg_migrate; DROP SCHEMA {TOOLS}; DROP SCHEMA IF EXISTS migrate;"


def add_extension(database):
    psql(database, f"CREATE SCHEMA {TOOLS}; CREATE EXTENSION pg_migrate SCHEMA {TOOLS}")


def call(database, sql):
    return psql(database, f"SET search_path = {TOOLS}; SET client_min_messages = error;\n{sql}").strip()


def problems(database):
    """One after the other."""
    text = dump(database)
    make_database(PLAIN, text)
    wanted = catalogue.rows(psql, PLAIN)
    drop_database(SPARE)
    psql("postgres", f'CREATE DATABASE "{SPARE}" TEMPLATE "{database}"')
    add_extension(SPARE)
    left = call(SPARE, f"SELECT kind, object, change FROM migrate_check(model => {quoted(text)});")
    if left:
        yield f"differs from its own dump: {left}"
    make_database(EMPTY, "")
    nothing = dump(EMPTY)
    make_database(MADE, "")
    add_extension(MADE)
    revision = call(MADE, f"SELECT migrate_autogenerate('made', model => {quoted(text)});")
    if not revision:
        if difference(text, nothing):
            yield "no revision"
        return
    proof = call(MADE, "SELECT difference FROM migrate_verify() WHERE identical IS NOT TRUE;")
    if proof:
        yield f"migrate_verify: {proof}"
    call(MADE, "SELECT FROM migrate_upgrade('head');")
    left = call(MADE, f"SELECT kind, object, change FROM migrate_check(model => {quoted(text)});")
    if left:
        yield f"migrate_check: {left}"
    result = re.sub(OWN, "", dump(MADE), flags=re.M)
    wrong = difference(result, text) and difference(read_twice(SPARE, result), read_twice(SPARE, text))
    if wrong:
        yield f"up: {wrong}"
    wrong = catalogue.difference(catalogue.rows(psql, MADE, WITHOUT_EXTENSION), wanted)
    if wrong:
        yield f"up: {wrong}"
    call(MADE, "SELECT FROM migrate_downgrade('base');")
    wrong = catalogue.difference(catalogue.rows(psql, MADE, WITHOUT_EXTENSION), catalogue.rows(psql, EMPTY)) or difference(re.sub(OWN, "", dump(MADE), flags=re.M), nothing)
    if wrong:
        yield f"down: {wrong}"
    print(f"{database}: {len(wanted)} rows of the catalogues, {len(call(MADE, 'SELECT up FROM migrate.revision;').splitlines())} lines up", flush=True)


def expected():
    """The beginnings of the outcomes, by database; the reasons are comments."""
    found, version = {}, int(psql("postgres", "SHOW server_version_num"))
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected_databases.txt"), encoding="utf-8") as file:
        for line in file:
            wanted = re.fullmatch(r"([^#\s]\S*)(?: \(before (\d+)\))?: (.*)", line.strip())
            if wanted and (wanted[2] is None or version < int(wanted[2])):
                found.setdefault(wanted[1], []).append(wanted[3])
    return found


def main():
    failures, started, excused = 0, time.time(), expected()
    for database in sys.argv[1:]:
        found = []
        try:
            found.extend(problems(database))
        except (Failed, subprocess.TimeoutExpired) as error:
            found.append(str(error))
        finally:
            for each in (MADE, PLAIN, SPARE, EMPTY):
                drop_database(each)
        wanted = excused.get(database, [])
        for each in found:
            if not any(each.startswith(beginning.replace("\\n", "\n")) for beginning in wanted):
                failures += 1
                print(f"{database}: {each}", flush=True)
        for beginning in wanted:
            if not any(each.startswith(beginning.replace("\\n", "\n")) for each in found):
                failures += 1
                print(f"{database}: not so any more: {beginning}", flush=True)
    print(f"{len(sys.argv) - 1} databases, {failures} failed, {time.time() - started:.0f} s")
    return 1 if failures or len(sys.argv) == 1 else 0


if __name__ == "__main__":
    sys.exit(main())
