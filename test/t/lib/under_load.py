# SPDX-License-Identifier: PostgreSQL
"""Index builds under load: whoever waits for them, or only reads, gets from the indexes what the table holds.

under_load.py CONNECTION SECONDS. The database is a new one with pg_migrate and amcheck. There are two version lines, of public and of the schema `side`, each
with a table that is written to all the time; in both, revisions that build, rebuild and drop indexes concurrently are run up and down by several callers at
once. Every caller, in the statement that has waited, and every reader compares what both tables hold by index and by heap. Prints what was done, and what
went wrong, as JSON.
"""

import json
import random
import sys
import threading
import time

import psycopg2

ROWS = 10000
WRITERS = 3
CALLERS = 3
LONGEST = 120
LINES = {"public": "", "side": ", schema => 'side'"}

TABLES = """
    CREATE EXTENSION amcheck;
    CREATE SCHEMA side;
    CREATE TABLE public.load (id int PRIMARY KEY, v int NOT NULL, w text) WITH (fillfactor = 70, autovacuum_enabled = off);
    CREATE TABLE side.load (LIKE public.load INCLUDING ALL) WITH (fillfactor = 70, autovacuum_enabled = off);
    INSERT INTO public.load SELECT i, i, md5(i::text) FROM generate_series(1, %(rows)s) i;
    INSERT INTO side.load SELECT i, i, md5(i::text) FROM generate_series(1, %(rows)s) i;
"""

# Each condition holds for all rows, and is one that an index of the revisions answers; each is planned when it is run.
COUNTS = """
    CREATE FUNCTION public.held(t regclass) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    DECLARE
        result text := '';
        part text;
        condition text;
    BEGIN
        FOREACH condition IN ARRAY ARRAY['v >= 0', 'abs(v) >= 0', 'w >= '''' AND v >= 0', 'id > 0'] LOOP
            EXECUTE format('SELECT count(*) || '':'' || coalesce(sum(hashint4(id)), 0) FROM %s WHERE %s', t, condition) INTO part;
            result := result || part || ' ';
        END LOOP;
        RETURN result;
    END $$;
    CREATE FUNCTION public.by_index(t regclass) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SET enable_seqscan = off
        AS 'BEGIN RETURN public.held(t); END';
    CREATE FUNCTION public.by_heap(t regclass) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
        SET enable_indexscan = off SET enable_indexonlyscan = off SET enable_bitmapscan = off AS 'BEGIN RETURN public.held(t); END';
"""

REVISION = """
    SELECT migrate_revision('indexes', $up$
        CREATE INDEX CONCURRENTLY load_v ON load (v);
        UPDATE load SET v = v + 1 WHERE id % 100 = 7;
        CREATE INDEX CONCURRENTLY load_abs ON load ((abs(v)));
        CREATE INDEX CONCURRENTLY load_w ON load (w) WHERE v >= 0;
        DELETE FROM load WHERE id % 1000 = 9;
        REINDEX INDEX CONCURRENTLY load_v;
        REINDEX TABLE CONCURRENTLY load;
    $up$, $down$
        DROP INDEX CONCURRENTLY load_w;
        REINDEX INDEX CONCURRENTLY load_pkey;
        DROP INDEX CONCURRENTLY load_abs;
        DROP INDEX CONCURRENTLY load_v;
    $down$, revision => 'indexes')
"""

COMPARED = ", ".join(f"by_index('{schema}.load'), by_heap('{schema}.load')" for schema in LINES)


class Failures:
    def __init__(self):
        self.texts = []
        self.over = threading.Event()

    def add(self, text):
        if len(self.texts) < 20:
            self.texts.append(text)
        self.over.set()


failures = Failures()
counts = {"transactions": 0, "reads": 0, "calls": 0, "runs": 0, "checks": 0}


def guarded(what, body, *arguments):
    """A thread that does `body` with a connection of its own until all is over; anything unforeseen ends everything."""

    def run():
        try:
            connection = psycopg2.connect(sys.argv[1])
            while not failures.over.is_set():
                body(connection, *arguments)
            connection.close()
        except threading.BrokenBarrierError:
            if not failures.over.is_set():
                failures.add(f"{what}: the others do not come")
        except Exception as error:  # pylint: disable=broad-except
            failures.add(f"{what}: {getattr(error, 'pgcode', '')} {error}")

    return threading.Thread(target=run, daemon=True)


def compare(what, row):
    for number in range(0, len(row), 2):
        if row[number] != row[number + 1]:
            failures.add(f"{what}: by index {row[number]}, by heap {row[number + 1]}")


def write(connection, schema, number):
    """A transaction. Rows in ascending order, each writer its own new ones: no deadlock, no conflict."""
    with connection.cursor() as cursor:
        for identifier in sorted(random.sample(range(1, ROWS + 1), random.randint(1, 6))):
            kind = random.randrange(5)
            if kind == 0:
                cursor.execute(f"UPDATE {schema}.load SET v = %s WHERE id = %s", (random.randrange(ROWS), identifier))
            elif kind == 1:
                cursor.execute(f"UPDATE {schema}.load SET w = md5(random()::text) WHERE id = %s", (identifier,))
            elif kind == 2:
                cursor.execute(f"DELETE FROM {schema}.load WHERE id = %s", (identifier,))
            elif kind == 3:
                cursor.execute("SAVEPOINT s")
                cursor.execute(f"UPDATE {schema}.load SET v = v + 1 WHERE id = %s", (identifier,))
                cursor.execute("ROLLBACK TO s" if random.random() < 0.5 else "RELEASE s")
            else:
                new = random.randrange(ROWS) // WRITERS * WRITERS + number
                cursor.execute(f"INSERT INTO {schema}.load VALUES (%s, %s, md5(random()::text)) ON CONFLICT DO NOTHING", (ROWS + 1 + new, new))
    if random.random() < 0.2:
        connection.rollback()
    else:
        connection.commit()
    counts["transactions"] += 1
    time.sleep(random.random() / 100)


def read(connection, isolation):
    """Twice under one snapshot, with time in between where the isolation level keeps it."""
    connection.set_session(isolation_level=isolation)
    with connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(f"SELECT {COMPARED}")
            compare(f"a reader, {isolation}", cursor.fetchone())
            time.sleep(random.random() / 20)
    connection.rollback()
    counts["reads"] += 1


def run_revisions(connection, schema, meeting, rank):
    """Up and down, together with the other callers of the line; one of them looks at the indexes in between."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        for function, target in (("migrate_upgrade", "head"), ("migrate_downgrade", "base")):
            meeting.wait(120)
            time.sleep(rank * random.random() / 5)
            cursor.execute(f"SELECT (SELECT count(*) FROM {function}('{target}'{LINES[schema]}))::int, {COMPARED}")
            done, *row = cursor.fetchone()
            compare(f"a caller of {function}() for {schema}", row)
            counts["calls"] += 1
            counts["runs"] += done
            meeting.wait(120)
            if rank == 0:
                cursor.execute("SELECT count(bt_index_check(indexrelid, true)) FROM pg_index WHERE indrelid = %s::regclass AND indisvalid", (f"{schema}.load",))
                counts["checks"] += cursor.fetchone()[0]
                cursor.execute("SELECT string_agg(indexrelid::regclass::text, ' ') FROM pg_index WHERE indrelid = %s::regclass AND NOT indisvalid", (f"{schema}.load",))
                (invalid,) = cursor.fetchone()
                if invalid:
                    failures.add(f"invalid: {invalid}")


def main():
    setup = psycopg2.connect(sys.argv[1])
    setup.autocommit = True
    with setup.cursor() as cursor:
        cursor.execute(TABLES, {"rows": ROWS})
        cursor.execute(COUNTS)
        cursor.execute(REVISION)
    threads = []
    meetings = []
    for schema in LINES:
        meeting = threading.Barrier(CALLERS)
        meetings.append(meeting)
        threads += [guarded(f"writer {number} of {schema}", write, schema, number) for number in range(WRITERS)]
        threads += [guarded(f"caller {rank} of {schema}", run_revisions, schema, meeting, rank) for rank in range(CALLERS)]
    threads += [guarded("reader", read, isolation) for isolation in ("REPEATABLE READ", "READ COMMITTED")]
    for thread in threads:
        thread.start()
    failures.over.wait(float(sys.argv[2]))
    # A busy machine gets its time until something of each has been done.
    until = time.monotonic() + LONGEST
    while not all(counts.values()) and time.monotonic() < until and not failures.over.wait(0.1):
        pass
    failures.over.set()
    for meeting in meetings:
        meeting.abort()
    for thread in threads:
        thread.join(180)
        if thread.is_alive():
            failures.add("a thread hangs")
            break
    json.dump({"counts": counts, "failures": failures.texts}, sys.stdout)


if __name__ == "__main__":
    main()
