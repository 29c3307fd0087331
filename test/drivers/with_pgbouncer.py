# SPDX-License-Identifier: PostgreSQL
"""What becomes of sessions, runs and settings behind pgbouncer. The programs of the drivers run through it as well."""

import psycopg

from facts import *

SERVER = os.environ["DRIVERS_SERVER"]
# Two names of one database. Behind the first all clients share one connection of the server, lent out for a transaction;
# behind the second for a session, after which pgbouncer sends its server_reset_query, DISCARD ALL.
ONE = "drivers_one"
SESSION = "drivers_session"
DATABASE = os.environ["PGDATABASE"]

heard = []


def connect(database=ONE):
    connection = psycopg.connect(f"dbname={database}", autocommit=True, prepare_threshold=None)
    connection.add_notice_handler(lambda notice: heard.append(notice.message_primary))
    return connection


def directly():
    return psycopg.connect(f"{SERVER} dbname={DATABASE}", autocommit=True)


def console(*commands):
    with psycopg.ClientCursor(psycopg.connect("dbname=pgbouncer", autocommit=True)) as cursor:
        for command in commands:
            cursor.execute(command)
        answer = cursor.fetchall() if cursor.description else None
        cursor.connection.close()
        return answer


def rows(connection, sql, parameters=None):
    return connection.execute(sql, parameters).fetchall()


def one(connection, sql, parameters=None):
    return rows(connection, sql, parameters)[0][0]


def sqlstate(error):
    return error.sqlstate if isinstance(error, psycopg.Error) else None


def text(error):
    return str(error).strip() if error else None


REGISTER = """SELECT migrate_revision(revision => %(revision)s, down_revision => %(down_revision)s, message => %(message)s,
                                      up => %(up)s, down => %(down)s)"""
# An argument is evaluated before the call; the setting lasts as long as the statement, which is the transaction.
PER_REVISION = """
SELECT revision, message FROM migrate_upgrade(nullif('head', set_config('pg_migrate.transaction_mode', 'per_revision', true)));
"""
BACKEND = "SELECT pg_backend_pid()"
MODE = "SELECT current_setting('pg_migrate.transaction_mode')"
APPLIED = "SELECT revision FROM migrate_current()"
IDLE = "SELECT count(*) FROM migrate.progress"


def idle(watcher):
    return wait_until(lambda: one(watcher, IDLE) == 0)


def setting_up():
    settings = {row[0]: row[1] for row in console("SHOW CONFIG")}
    fact("pgbouncer is in transaction mode", settings["pool_mode"], "transaction")
    with connect() as connection:
        connection.execute("CREATE EXTENSION pg_migrate")
        for file in sorted(MIGRATIONS.glob("*.sql")):
            connection.execute(file.read_text(encoding="utf-8"))
        for revision in (BY_STATUS, VERDICT):
            rows(connection, REGISTER, revision)
        rows(connection, "SELECT migrate_upgrade('27c6a30d7c24')")


def settings():
    """A SET of one client is there for the next; what is set for the statement of the call is not."""
    with connect() as first, connect() as second:
        fact("both have the same connection", one(first, BACKEND), one(second, BACKEND))
        first.execute("SET pg_migrate.transaction_mode = 'per_revision'")
        fact("SET stays for the next client", one(second, MODE), "per_revision")
        error = raised(psycopg.Error, lambda: second.execute("BEGIN; SELECT migrate_downgrade('-1')"))
        fact("whose runs it changes", "with pg_migrate.transaction_mode = per_revision" in (text(error) or ""), True)
        second.execute("ROLLBACK")
        second.execute("RESET pg_migrate.transaction_mode")
        rows(first, "SELECT migrate_stamp('4b80e1672931')")
        rows(first, "SELECT migrate_revision('empty', revision => '5c91f2783a42', down_revision => '4b80e1672931')")
        fact("set_config() in the statement of the call", rows(first, PER_REVISION), [("5c91f2783a42", "empty")])
        worker = one(first, "SELECT pid FROM migrate.run ORDER BY run DESC LIMIT 1")
        fact("has it run in a worker", worker == one(first, BACKEND), False)
        fact("and does not stay", one(second, MODE), "single")
        rows(first, "SELECT migrate_stamp('27c6a30d7c24')")
        error = raised(psycopg.Error, lambda: rows(first, PER_REVISION.replace("head", "xyz")))
        rows(first, "SELECT migrate_remove('5c91f2783a42')")
        fact("nor after an error", (sqlstate(error), one(second, MODE)), ("MG001", "single"))
    with directly() as server:
        server.execute(f"ALTER DATABASE {DATABASE} SET pg_migrate.transaction_mode = 'per_revision'")
    console("RECONNECT drivers_one", "WAIT_CLOSE drivers_one")
    with connect() as connection:
        rows(connection, APPLIED)
        fact("a setting of the database (or the role) is that of all its connections", one(connection, MODE), "per_revision")
    with directly() as server:
        server.execute(f"ALTER DATABASE {DATABASE} RESET pg_migrate.transaction_mode")
    console("RECONNECT drivers_one", "WAIT_CLOSE drivers_one")


def prepared_statements():
    """pgbouncer 1.18 knows nothing of them: what one client has prepared is in the way of the next."""
    with connect() as first, connect() as second:
        first.prepare_threshold = second.prepare_threshold = 0
        rows(first, "SELECT revision FROM migrate_upgrade(%s)", ["27c6a30d7c24"])
        error = raised(psycopg.Error, lambda: rows(second, "SELECT revision FROM migrate_upgrade(%s)", ["27c6a30d7c24"]))
        fact("a prepared statement of another client", sqlstate(error), "42P05")
        second.prepare_threshold = None
        fact("without them it works", rows(second, "SELECT revision FROM migrate_upgrade(%s)", ["27c6a30d7c24"]), [])
        first.prepare_threshold = None
    console("RECONNECT drivers_one", "WAIT_CLOSE drivers_one")


def runs_in_the_background():
    with connect() as first, connect() as second, directly() as watcher, directly() as writer:
        writer.execute("BEGIN")
        writer.execute(WRITING)
        with first.transaction():
            number = one(first, "SELECT migrate_start('3a7fd0561820')")
        fact("a run of the background", wait_until(lambda: one(watcher, WAITS) == 1), True)
        with second.transaction():
            second.execute("INSERT INTO contracts (title) VALUES ('another')")
        fact("its connection serves others meanwhile", one(second, BACKEND), one(first, BACKEND))
        second.execute("DISCARD ALL")
        fact("who see it run", rows(second, "SELECT revision, statement FROM migrate.progress"), [("3a7fd0561820", 1)])
        waiter = Background(lambda: one(second, "SELECT migrate_wait(%s)", [number]))
        fact("or wait for it", waiter.ended(0.3), False)
        writer.execute("ROLLBACK")
        fact("to its end", (waiter.ended(), waiter.result), (True, "done"))
        # Many through one connection: what a run needs is given back.
        numbers = [one(first, "SELECT migrate_start(%s, %s)", [target, direction])
                   for target, direction in [("27c6a30d7c24", "downgrade"), ("3a7fd0561820", "upgrade")] * 3]
        fact("one after the other", [one(second, "SELECT migrate_wait(%s)", [number]) for number in numbers], ["done"] * 6)


def one_connection_for_all():
    """While a run is waited for, its connection is not to be had."""
    with connect() as first, connect() as second, directly() as watcher, directly() as writer:
        rows(first, "SELECT migrate_downgrade('27c6a30d7c24')")
        writer.execute("BEGIN")
        writer.execute(WRITING)
        run = Background(lambda: rows(first, "SELECT revision FROM migrate_upgrade('3a7fd0561820')"))
        fact("a run with its worker", wait_until(lambda: one(watcher, WAITS) == 1), True)
        console("SET query_wait_timeout = 1")
        hasty = Background(lambda: one(connect(), BACKEND))
        fact("who waits for it is sent away", (hasty.ended(), "query_wait_timeout" in (text(hasty.error) or "")), (True, True))
        console("SET query_wait_timeout = 600")
        other = Background(lambda: one(second, BACKEND))
        fact("or waits", other.ended(0.5), False)
        writer.execute("ROLLBACK")
        fact("the run ends", (run.ended(), run.result), (True, [("3a7fd0561820",)]))
        fact("and the other is served", (other.ended(), other.result), (True, one(first, BACKEND)))


def cancelling():
    with connect() as first, connect() as second, directly() as watcher, directly() as writer:
        rows(first, "SELECT migrate_downgrade('27c6a30d7c24')")
        writer.execute("BEGIN")
        writer.execute(WRITING)
        run = Background(lambda: rows(first, "SELECT migrate_upgrade('3a7fd0561820')"))
        fact("a build waits", wait_until(lambda: one(watcher, WAITS) == 1), True)
        heard.clear()
        backend = one(watcher, "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT migrate_upgrade(%' AND backend_type = 'client backend'")
        first.cancel()
        fact("cancelled through pgbouncer", (run.ended(), sqlstate(run.error)), (True, "57014"))
        # Who has the connection next hears nothing of it and is held up by nothing.
        fact("the next client has the connection", one(second, BACKEND), backend)
        held = "SELECT count(*) FROM pg_locks WHERE pid = %s AND locktype IN ('object', 'advisory', 'relation') AND NOT fastpath"
        fact("no lock is left on it", one(watcher, held, [backend]), 0)
        fact("a transaction of its own", one(second, "SELECT count(*) FROM extractions"), 0)
        fact("and no message of the run", heard, [])
        fact("the worker ends", idle(watcher), True)
        writer.execute("ROLLBACK")
        fact("the next client can finish it", rows(second, "SELECT revision FROM migrate_upgrade('3a7fd0561820')"), [("3a7fd0561820",)])
        fact("the index is whole", one(watcher, VALID_INDEX), True)


def lost_clients():
    """A client that goes, or that pgbouncer sends away: the run is the server's."""
    for how in ("the client goes", "query_timeout"):
        with directly() as watcher, directly() as writer:
            rows(watcher, "SELECT migrate_downgrade('27c6a30d7c24')")
            writer.execute("BEGIN")
            writer.execute(WRITING)
            if how == "query_timeout":
                console("SET query_timeout = 1")
            client = connect()
            run = Background(lambda: rows(client, "SELECT migrate_upgrade('4b80e1672931')"))
            fact(f"{how}: a build waits", wait_until(lambda: one(watcher, WAITS) == 1), True)
            backend = one(watcher, "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT migrate_upgrade(%' AND backend_type = 'client backend'")
            if how == "the client goes":
                client.pgconn.finish()
            else:
                fact("the client hears of it", (run.ended(), text(run.error).split("\n")[0]), (True, "consuming input failed: query timeout"))
                console("SET query_timeout = 0")
            with connect() as another:
                fact("another client gets another connection", one(another, BACKEND) == backend, False)
                fact("where nothing is to be seen of it but the run", rows(another, "SELECT revision FROM migrate.progress"), [("3a7fd0561820",)])
                call = Background(lambda: rows(another, "SELECT revision FROM migrate_upgrade('4b80e1672931')"))
                fact("its call waits for its turn", call.ended(0.3), False)
                writer.execute("ROLLBACK")
                fact("and does what is left", (call.ended(), call.error), (True, None))
            fact("all is applied", rows(watcher, APPLIED), [("4b80e1672931",)])
            fact("the index is whole", one(watcher, VALID_INDEX), True)
            fact("the connection that was lost has ended", wait_until(
                lambda: one(watcher, "SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [backend]) == 0), True)
            fact("nothing runs", idle(watcher), True)
    # Where the server looks after its clients.
    with directly() as watcher, directly() as writer:
        rows(watcher, "SELECT migrate_downgrade('27c6a30d7c24')")
        watcher.execute(f"ALTER DATABASE {DATABASE} SET client_connection_check_interval = 200")
        console("RECONNECT drivers_one", "WAIT_CLOSE drivers_one")
        writer.execute("BEGIN")
        writer.execute(WRITING)
        client = connect()
        run = Background(lambda: rows(client, "SELECT migrate_upgrade('4b80e1672931')"))
        fact("a build waits", wait_until(lambda: one(watcher, WAITS) == 1), True)
        calls = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT migrate_upgrade(%' AND backend_type = 'client backend'"
        fact("its caller, too", one(watcher, calls), 1)
        client.pgconn.finish()
        fact("client_connection_check_interval ends the caller", wait_until(lambda: one(watcher, calls) == 0), True)
        fact("the worker is in its statement", one(watcher, WAITS), 1)
        writer.execute("ROLLBACK")
        fact("and stops behind it", (idle(watcher), rows(watcher, APPLIED)), (True, [("3a7fd0561820",)]))
        watcher.execute(f"ALTER DATABASE {DATABASE} RESET client_connection_check_interval")
        console("RECONNECT drivers_one", "WAIT_CLOSE drivers_one")
        fact("the next call does the rest", rows(watcher, "SELECT revision FROM migrate_upgrade('4b80e1672931')"), [("4b80e1672931",)])
    # In the middle of a transaction.
    client = connect()
    client.execute("BEGIN")
    rows(client, "SELECT migrate_downgrade('3a7fd0561820')")
    client.pgconn.finish()
    with connect() as another, directly() as watcher:
        fact("a transaction without an end is rolled back", rows(another, APPLIED), [("4b80e1672931",)])


def idle_connections():
    console("SET server_idle_timeout = 1")
    with connect() as connection, directly() as watcher:
        first = one(connection, BACKEND)
        with connection.transaction():
            number = one(connection, "SELECT migrate_start('3a7fd0561820', 'downgrade')")
        fact("the connection is closed as idle",
             wait_until(lambda: one(watcher, "SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [first]) == 0), True)
        fact("the run of it goes on", one(connection, "SELECT migrate_wait(%s)", [number]), "done")
        fact("on another connection", one(connection, BACKEND) == first, False)
    console("SET server_idle_timeout = 600")


def sessions():
    """In session mode, where the server_reset_query makes the connection new."""
    with connect(SESSION) as client:
        backend = one(client, BACKEND)
        client.execute("SET pg_migrate.transaction_mode = 'per_revision'")
        client.prepare_threshold = 0
        rows(client, "SELECT revision FROM migrate_upgrade(%s)", ["4b80e1672931"])
        client.execute("SET work_mem = '7MB'")
        # A printed script that fails in the middle of a step.
        client.execute("BEGIN")
        rows(client, "SELECT migrate_record('4b80e1672931', 'downgrade', check_only => true)")
        fact("a script fails", sqlstate(raised(psycopg.Error, lambda: rows(client, "SELECT 1 / 0"))), "22012")
    with connect(SESSION) as client:
        fact("the next session has the same connection", one(client, BACKEND), backend)
        fact("without the settings", one(client, MODE), "single")
        client.prepare_threshold = 0
        fact("and the statements", rows(client, "SELECT revision FROM migrate_upgrade(%s)", ["4b80e1672931"]), [])
        client.execute("SET work_mem = '8MB'")
        client.execute("BEGIN")
        rows(client, "SELECT migrate_record('4b80e1672931', 'downgrade')")
        fact("nor those of the script that has failed", one(client, "SHOW work_mem"), "8MB")
        client.execute("ROLLBACK")
        rows(client, "SELECT revision FROM migrate_downgrade('27c6a30d7c24')")
        fact("a run changes none", one(client, "SHOW work_mem"), "8MB")


def made_anew():
    """What a connection remembers of the extension does not outlive it."""
    with connect() as first, connect() as second:
        rows(first, "SELECT migrate_downgrade('base')")
        first.execute("DROP EXTENSION pg_migrate")
        first.execute("CREATE SCHEMA tools")
        first.execute("CREATE EXTENSION pg_migrate SCHEMA tools")
        call = {**BY_STATUS, "down_revision": "base", "up": "CREATE TABLE anew ()", "down": "DROP TABLE anew"}
        fact("made anew, in another schema", rows(second, REGISTER.replace("migrate_revision", "tools.migrate_revision"), call), [("3a7fd0561820",)])
        fact("it runs", rows(first, "SELECT revision FROM tools.migrate_upgrade('head')"), [("3a7fd0561820",)])
        per_revision = PER_REVISION.replace("migrate_upgrade", "tools.migrate_downgrade").replace("head", "base")
        fact("also in a worker", rows(second, per_revision), [("3a7fd0561820", BY_STATUS["message"])])


setting_up()
settings()
prepared_statements()
runs_in_the_background()
one_connection_for_all()
cancelling()
lost_clients()
idle_connections()
sessions()
made_anew()
finish()
