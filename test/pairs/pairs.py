#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Pairs of schemas, each turned into the other by a revision that migrate_autogenerate() writes; pg_dump is the judge.

The database is made by one of the two files and the model is what pg_dump prints of the other. The revision is run, and then
  - object by object the dumps of both are the same, at the latest when they have been restored and dumped again: an expression that has been read
    twice is printed otherwise than one that was read once. The order of columns, which ALTER TABLE cannot change, does not count;
  - the rows of the catalogues are the same (catalogue.py);
  - migrate_check() finds nothing;
  - a table or column that both have is still the same one (pg_class.oid, pg_attribute.attnum): it was not dropped and made again;
  - where the dumps were the same from the start there is no revision.

usage: pairs.py DIRECTORY [PATTERN]. DIRECTORY has <source>/<case>/{a.sql,b.sql,meta.json}; meta.json can name roles to create. PATTERN: a regular
expression for what is run of it, as "source/case direction". The cluster is the one that libpq's environment names; its roles are added to.
PAIRS_JOBS: how many at a time. PAIRS_ONLINE=1: the revisions are written with online => true, and arrive at the same.

expected.txt, beside this file, names those that come out otherwise, and why; one that does not fails.
"""
import concurrent.futures
import json
import os
import queue
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import catalogue  # noqa: E402

TOOLS = "pairs_tools"  # the schema with the functions of pg_migrate
ONLINE = ", online => true" if os.environ.get("PAIRS_ONLINE") else ""

ENVIRONMENT = dict(os.environ, PGOPTIONS="-c client_min_messages=warning", PGTZ="UTC")


class Failed(Exception):
    pass


def run(command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=ENVIRONMENT, timeout=300, check=False)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {done.stderr.strip()[-1500:]}")
    return done.stdout


def psql(database, sql):
    return run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database], sql)


def dump(database):
    return run(["pg_dump", "--schema-only", f"--exclude-schema={TOOLS}", "--exclude-schema=migrate", "-d", database])


def make_database(name, sql):
    drop_database(name)
    psql("postgres", f'CREATE DATABASE "{name}" TEMPLATE template0')
    psql(name, sql)


def drop_database(name):
    subscriptions = psql("postgres", "SELECT quote_ident(subname) FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid "
                         f"WHERE datname = '{name}'").split()
    for each in subscriptions:
        psql(name, f"ALTER SUBSCRIPTION {each} DISABLE; ALTER SUBSCRIPTION {each} SET (slot_name = NONE); DROP SUBSCRIPTION {each}")
    psql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


# ---- the dumps, object by object

HEADLINE = re.compile(r"-- Name: (?P<name>.*); Type: (?P<type>.*?); Schema: (?P<schema>.*?); Owner: (?P<owner>.*?)(; Tablespace: .*)?$")
# The lines of these are a set: pg_dump prints a column, an option or a grant on each.
SETS = ("TABLE", "FOREIGN TABLE", "SERVER", "USER MAPPING", "FOREIGN DATA WRAPPER", "ACL", "DEFAULT ACL")


def in_order(match):
    return match[1] + ", ".join(sorted(match[2].split(", "))) + match[3]


def normal_line(line):
    """Lists within a line whose order means nothing: storage parameters, tags of event triggers, roles of policies."""
    line = re.sub(r"(\b(?:WITH|IN) \()([^()]*)(\))", in_order, line)
    line = re.sub(r"^(CREATE STATISTICS .*? ON )([^()]*)( FROM )", in_order, line)
    return re.sub(r"^(CREATE POLICY .*? TO )(.*?)( USING | WITH CHECK |;)", in_order, line)


def normal_lines(kind, lines):
    lines = [normal_line(line) for line in lines]
    if kind in SETS or any(re.match(r"CREATE TYPE .* AS \($", line) for line in lines):
        lines = sorted(line.rstrip(",") for line in lines)
    return lines


def objects(text):
    """What a dump says of each object, by type, schema and name; strictly, and with the order of columns aside."""
    found, headline, access_method = {}, None, ""
    for line in text.split("\n"):
        new = HEADLINE.match(line)
        if new:
            headline = (new["type"], new["schema"], new["name"] + (new["owner"] if new["type"] == "DEFAULT ACL" else ""))
            found[headline] = found.get(headline, [])
            found[headline].append(new[0] if new["type"] != "ACL" else "")
            if new["type"] in ("TABLE", "MATERIALIZED VIEW"):
                found[headline].append(access_method)
        elif line.startswith("SET default_table_access_method"):
            access_method = line
        elif headline and line.strip() and not re.match(r"--|SET default_tablespace|\\(un)?restrict ", line):
            found[headline].append(line)
    return found


def difference(is_, wanted):
    is_, wanted = objects(is_), objects(wanted)
    for key in sorted(is_.keys() | wanted.keys()):
        here, there = (normal_lines(key[0], side.get(key, [])) for side in (is_, wanted))
        if here != there:
            return f"{' '.join(key)}\n  is:     {' '.join(here)}\n  wanted: {' '.join(there)}"
    return None


def read_twice(database, text):
    make_database(database, text)
    return dump(database)


# ---- what stays the same one

IDENTITIES = """
SELECT json_object_agg(what, number)
  FROM (SELECT c.oid::regclass::text AS what, c.oid::int8 AS number, c.relnamespace
          FROM pg_class c WHERE c.relkind IN ('r', 'p')
        UNION ALL
        SELECT c.oid::regclass || '.' || quote_ident(a.attname), a.attnum, c.relnamespace
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped) x
  JOIN pg_namespace n ON n.oid = x.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'migrate')
"""


def identities(database):
    return json.loads(psql(database, "SET search_path = pg_catalog;" + IDENTITIES).strip() or "{}")


def made_again(before, after, wanted):
    """The tables and columns; the columns of such a table are not listed."""
    names = sorted(name for name in before if name in wanted and name in after and before[name] != after[name])
    return [name for name in names if not any(name.startswith(other + ".") for other in names)]


# ---- the catalogues, row by row

WITHOUT_EXTENSION = f"DROP EXTENSION pg_migrate; DROP SCHEMA {TOOLS}; DROP SCHEMA IF EXISTS migrate;"


def catalogue_differs(database, wanted, spare, model):
    """From the rows of the database that the model is the dump of, or from those of what psql makes of the model."""
    is_ = catalogue.rows(psql, database, WITHOUT_EXTENSION)
    if not catalogue.difference(is_, wanted):
        return None
    make_database(spare, model)
    return catalogue.difference(is_, catalogue.rows(psql, spare))


# ---- one pair

OWN = r"^(-- Name: (EXTENSION )?pg_migrate; .*|(CREATE EXTENSION|COMMENT ON EXTENSION)[^;]* pg_migrate [^;]*;)$"

# pg_dump does not name the functions of an extension, and without them CREATE LANGUAGE means CREATE EXTENSION.
LANGUAGE_WITHOUT_HANDLER = re.compile(r"^CREATE (OR REPLACE )?(TRUSTED )?PROCEDURAL LANGUAGE \S+;$", re.M)


def quoted(text):
    tag = "$pairs$"
    assert tag not in text
    return tag + text + tag


def outcome(directory, direction, slot):
    """`ok`, or what is wrong."""
    with open(os.path.join(directory, "meta.json"), encoding="utf-8") as file:
        for role in json.load(file).get("roles", []):
            psql("postgres", f"DO $$BEGIN CREATE ROLE \"{role}\"; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$")
    was, wanted = (open(os.path.join(directory, f"{each}.sql"), encoding="utf-8").read() for each in direction)
    one, other, spare = (f"pairs_{slot}_{each}" for each in ("is", "wanted", "spare"))
    try:
        make_database(other, wanted)
        model = dump(other)
        make_database(one, was)
        same = objects(dump(one)) == objects(model)
        wanted_rows = catalogue.rows(psql, other)
        if not same and difference(dump(one), model) and not catalogue.difference(catalogue.rows(psql, one), wanted_rows):
            return "the dumps differ, and the catalogues do not"
        psql(one, f"RESET ALL; CREATE SCHEMA {TOOLS}; CREATE EXTENSION pg_migrate SCHEMA {TOOLS}")
        before = identities(one)
        call = f"SET search_path = {TOOLS};\n"
        text = wanted if LANGUAGE_WITHOUT_HANDLER.search(model) else model
        revision = psql(one, f"{call}SELECT migrate_autogenerate('pair', model => {quoted(text)}{ONLINE});").strip()
        if same and revision:
            return "a revision although nothing differs"
        if revision:
            psql(one, f"{call}SELECT FROM migrate_upgrade('head');")
        left = psql(one, f"{call}SELECT kind, object, change FROM migrate_check(model => {quoted(text)});").strip()
        if left:
            return f"migrate_check: {left}"
        result = re.sub(OWN, "", dump(one), flags=re.M)
        wrong = difference(result, model) and difference(read_twice(spare, result), read_twice(spare, model))
        if wrong:
            return wrong
        wrong = catalogue_differs(one, wanted_rows, spare, model)
        if wrong:
            return wrong
        again = made_again(before, identities(one), identities(other))
        return f"made again: {', '.join(again)}" if again else "ok"
    except (Failed, subprocess.TimeoutExpired) as error:
        return str(error)
    finally:
        for each in (one, other, spare):
            drop_database(each)


def expected():
    """By name, the beginning of the outcome; the reasons are comments."""
    version = int(psql("postgres", "SHOW server_version_num")) // 10000
    with open(os.path.join(HERE, "expected.txt"), encoding="utf-8") as file:
        lines = [re.fullmatch(r"(.*? [ab]{2})(?: \(before (\d+)\))?: (.*)", line.strip()) for line in file if line.strip() and not line.startswith("#")]
    return {line[1]: line[3] for line in lines if line[2] is None or version < int(line[2])}


def in_slots(work, items):
    """Each item with work(item, slot), in their order; as many at a time as PAIRS_JOBS says, each in a slot that no other has meanwhile."""
    jobs = int(os.environ.get("PAIRS_JOBS", os.cpu_count() or 1))
    slots = queue.SimpleQueue()
    for slot in range(jobs):
        slots.put(slot)

    def job(item):
        slot = slots.get()
        try:
            return item, work(item, slot)
        finally:
            slots.put(slot)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(job, items)


def main():
    directory, pattern = sys.argv[1], re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
    pairs = [(f"{source}/{case} {direction}", os.path.join(directory, source, case), direction)
             for source in sorted(os.listdir(directory)) if os.path.isdir(os.path.join(directory, source))
             for case in sorted(os.listdir(os.path.join(directory, source)))
             if os.path.exists(os.path.join(directory, source, case, "meta.json"))
             for direction in ("ab", "ba")]
    everything = {name for name, _, _ in pairs}
    pairs = [pair for pair in pairs if pattern.search(pair[0])]
    wanted, failures, started = expected(), 0, time.time()
    for number, ((name, _, _), result) in enumerate(in_slots(lambda pair, slot: outcome(pair[1], pair[2], slot), pairs), 1):
        if result != wanted.get(name, "ok") and not (name in wanted and result.startswith(wanted[name])):
            failures += 1
            print(f"{name}: {result}" + (f"\n  expected: {wanted[name]}" if name in wanted else ""), flush=True)
        if number % 50 == 0:
            print(f"... {number} of {len(pairs)}, {failures} failed", flush=True)
    for name in sorted(wanted.keys() - everything):
        failures += 1
        print(f"expected.txt: there is no {name}")
    if not pairs:
        failures += 1
        print(f"no pair of {directory} was looked at")
    print(f"{len(pairs)} pairs, {failures} failed, {time.time() - started:.0f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
