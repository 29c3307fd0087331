# SPDX-License-Identifier: PostgreSQL
"""The tutorial's workflow through psycopg 2."""

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from facts import *


def connect():
    connection = psycopg2.connect("")  # PGHOST, PGDATABASE, …; or "host=… dbname=…"
    connection.autocommit = True  # else psycopg 2 sends BEGIN before the first statement
    return connection


def register(connection, directory):
    with connection.cursor() as cursor:
        for file in sorted(directory.glob("*.sql")):
            cursor.execute(file.read_text(encoding="utf-8"))  # no second argument: a % is a %


def upgrade(connection, target="head"):
    del connection.notices[:]  # psycopg 2 keeps the last 50
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT revision, message FROM migrate_upgrade(%s)", [target])
            return cursor.fetchall()
    finally:
        for notice in connection.notices:
            print(notice, end="")


def show(error):
    print(error.pgcode, error.diag.message_primary)
    print(error.diag.message_detail, error.diag.message_hint, error.diag.context, sep="\n")


def have_ctrl_c_cancel():
    # Else psycopg 2 hears of Ctrl-C when the call has ended.
    psycopg2.extensions.set_wait_callback(psycopg2.extras.wait_select)


def start(connection, target="head"):
    with connection.cursor() as cursor:
        cursor.execute("SELECT migrate_start(%s)", [target])
        run = cursor.fetchone()[0]
    connection.commit()  # the run begins now; nothing to do with autocommit
    return run


def wait(connection, run):
    with connection.cursor() as cursor:
        cursor.execute("SELECT migrate_wait(%s)", [run])
        return cursor.fetchone()[0]


REGISTER = """SELECT migrate_revision(revision => %(revision)s, down_revision => %(down_revision)s, message => %(message)s,
                                      up => %(up)s, down => %(down)s)"""


def rows(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def run(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def notices(connection):
    return [notice.removeprefix("NOTICE:  ").rstrip("\n") for notice in connection.notices]


def diag(error):
    return error.diag if error else None


def applied(connection):
    return [row[0] for row in rows(connection, "SELECT revision FROM migrate_current()")]


def registering():
    connection = connect()
    run(connection, "CREATE EXTENSION pg_migrate")
    register(connection, MIGRATIONS)
    heads = rows(connection, "SELECT revision FROM migrate_heads()")
    fact("files are registered as they are", heads, [("27c6a30d7c24",)])
    kept = rows(connection, "SELECT up FROM migrate_show('27c6')")[0][0]
    fact("to the letter", kept in (MIGRATIONS / "27c6a30d7c24_add_review_notes.sql").read_text(encoding="utf-8"), True)
    fact("a revision by parameters", rows(connection, REGISTER, BY_STATUS), [("3a7fd0561820",)])
    kept = rows(connection, "SELECT up, down, message FROM migrate_show('head')")
    fact("to the letter, too", kept, [(BY_STATUS["up"], BY_STATUS["down"], BY_STATUS["message"])])
    if POOLED:
        left_out("PREPARE")
    else:
        names = ", ".join(f"%({name})s" for name in BY_STATUS)
        with connection.cursor() as cursor:
            cursor.execute("PREPARE register(text, text, text, text, text) AS SELECT migrate_revision($3, $4, $5, $1, $2)")
            answers = set()
            for _ in range(6):
                cursor.execute(f"EXECUTE register({names})", BY_STATUS)
                answers.add(cursor.fetchone()[0])
        fact("six times by a prepared statement", answers, {"3a7fd0561820"})
    fact("changes nothing", rows(connection, "SELECT count(*) FROM migrate.revision"), [(3,)])
    with connection.cursor() as cursor:
        psycopg2.extras.execute_batch(cursor, REGISTER, [VERDICT, BY_STATUS])
    fact("and in a batch", rows(connection, "SELECT revision FROM migrate_heads()"), [("4b80e1672931",)])
    connection.close()


def in_a_transaction():
    """As psycopg 2 is without autocommit: what a transaction can hold is a part of it."""
    connection = psycopg2.connect("")
    fact("a run belongs to the transaction", upgrade(connection, "27c6a30d7c24"),
         [("1975ea83b712", "initial schema"), ("27c6a30d7c24", "add review_notes to extractions")])
    fact("and tells what it does", notices(connection), [INITIAL, NOTES])
    connection.close()
    connection = psycopg2.connect("")
    fact("without commit nothing stays", applied(connection), [])
    upgrade(connection, "27c6a30d7c24")
    connection.commit()
    fact("with commit it does", applied(connection), ["27c6a30d7c24"])
    history = rows(connection, "SELECT revision, message, is_applied FROM migrate_history()")
    fact("history", history, [(VERDICT["revision"], VERDICT["message"], False),
                              (BY_STATUS["revision"], BY_STATUS["message"], False),
                              ("27c6a30d7c24", "add review_notes to extractions", True),
                              ("1975ea83b712", "initial schema", True)])
    connection.close()


def without_autocommit():
    connection = psycopg2.connect("")
    error = raised(psycopg2.Error, lambda: upgrade(connection, "3a7fd0561820"))
    fact("without autocommit", type(error), psycopg2.errors.ActiveSqlTransaction)
    fact("the error says what to do", shown(diag(error)), FORGOTTEN)
    fact("and is all that there is", notices(connection), [])
    # psycopg 2 does not change the setting in a transaction, which is why the hint begins with its end.
    fact("autocommit waits for the end", type(raised(psycopg2.Error, lambda: setattr(connection, "autocommit", True))),
         psycopg2.ProgrammingError)
    connection.rollback()
    connection.autocommit = True
    fact("nothing is lost", applied(connection), ["27c6a30d7c24"])
    fact("as the hint says, it works", upgrade(connection, "3a7fd0561820"), [(BY_STATUS["revision"], BY_STATUS["message"])])
    fact("with its notice", notices(connection), [INDEX])
    # Even with autocommit: the block of a connection is a transaction in psycopg 2.
    def in_with():
        with connection:
            rows(connection, "SELECT migrate_downgrade('-1')")
    error = raised(psycopg2.Error, in_with)
    fact("'with connection' begins a transaction", error.pgcode if error else None, "25001")
    fact("which has ended", connection.info.transaction_status, psycopg2.extensions.TRANSACTION_STATUS_IDLE)
    connection.close()

    # The other way of the hint, in the transaction that is open anyway.
    connection = psycopg2.connect("")
    number = rows(connection, "SELECT migrate_start('-1', 'downgrade')")[0][0]
    error = raised(psycopg2.Error, lambda: wait(connection, number))
    fact("a queued run is not waited for before the commit", error.pgcode if error else None, "55006")
    connection.rollback()
    number = rows(connection, "SELECT migrate_start('-1', 'downgrade')")[0][0]
    connection.commit()
    connection.autocommit = True
    fact("migrate_start() in a transaction, migrate_wait() with autocommit", wait(connection, number), "done")
    fact("it has run", applied(connection), ["27c6a30d7c24"])
    connection.close()

    # Who waits without autocommit would be waited for.
    connection = psycopg2.connect("")
    writer = psycopg2.connect("")
    run(writer, WRITING)
    number = start(connection, "3a7fd0561820")
    fact("start() of the manual", isinstance(number, int), True)
    watcher = connect()
    fact("its index build waits for a writer", wait_until(lambda: rows(watcher, WAITS)[0][0] == 1), True)
    error = raised(psycopg2.Error, lambda: wait(connection, number))
    fact("without autocommit it cannot be waited for", error.pgcode if error else None, "55P03")
    fact("the hint", diag(error).message_hint,
         "Try again when it is done, or call it with autocommit on, outside of a transaction block, where it waits.")
    connection.rollback()
    connection.autocommit = True
    waiter = Background(lambda: wait(connection, number))
    fact("as the hint says, it waits", waiter.ended(0.3), False)
    writer.rollback()
    fact("to the end", (waiter.ended(), waiter.result), (True, "done"))
    for each in (connection, writer, watcher):
        each.close()


def enumeration():
    connection = psycopg2.connect("")
    error = raised(psycopg2.Error, lambda: upgrade(connection, "4b80e1672931"))
    fact("a new value of an enumeration, used in the same transaction", error.pgcode if error else None, "55P04")
    fact("the hint names autocommit", "call it with autocommit on" in (diag(error).message_hint or ""), True)
    connection.rollback()
    connection.autocommit = True
    fact("with autocommit it works", upgrade(connection), [(VERDICT["revision"], VERDICT["message"])])
    connection.close()


def failing():
    connection = connect()
    run(connection, DUPLICATES)
    rows(connection, REGISTER, ONE_PER_CONTRACT)
    error = raised(psycopg2.Error, lambda: upgrade(connection))
    show(error)
    fact("a migration that fails", type(error), psycopg2.errors.UniqueViolation)
    fact("as the server said it", shown(diag(error)),
         'ERROR:  could not create unique index "one_per_contract"\n'
         "DETAIL:  Key (contract_id)=(1) is duplicated.\n"
         'CONTEXT:  SQL statement "ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)"\n'
         'revision "5c91f2783a42", statement 2, line 2\n')
    fact("after its notice", notices(connection), ["Running upgrade 4b80e1672931 -> 5c91f2783a42, one extraction per contract"])
    fact("nothing of it stays", applied(connection), ["4b80e1672931"])
    log = rows(connection, "SELECT sqlstate, statement FROM migrate.log WHERE outcome = 'failed' AND revision = '5c91f2783a42'")
    fact("but in the log", log, [("23505", 2)])
    error = raised(psycopg2.Error, lambda: upgrade(connection, "xyz"))
    fact("SQLSTATE of its own", error.pgcode if error else None, "MG001")
    fact("with a hint", diag(error).message_hint, "migrate_history() lists the revisions that are known.")
    run(connection, "DELETE FROM extractions WHERE id = 2")
    fact("the data are mended", upgrade(connection), [(ONE_PER_CONTRACT["revision"], ONE_PER_CONTRACT["message"])])
    connection.close()


def cancelling():
    connection = connect()
    rows(connection, "SELECT migrate_downgrade('27c6a30d7c24')")
    writer = psycopg2.connect("")
    run(writer, WRITING)
    caller = Background(lambda: upgrade(connection, "3a7fd0561820"))
    watcher = connect()
    fact("the index build waits", wait_until(lambda: rows(watcher, WAITS)[0][0] == 1), True)
    connection.cancel()
    fact("cancelled, the call ends", caller.ended(), True)
    fact("with the error of a cancel", type(caller.error), psycopg2.errors.QueryCanceled)
    fact("and its worker", wait_until(lambda: rows(watcher, "SELECT count(*) FROM migrate.progress")[0][0] == 0), True)
    fact("what is half done is known", rows(watcher, "SELECT revision, done, running FROM migrate.journal"), [("3a7fd0561820", 0, 1)])
    writer.rollback()
    fact("the next call goes on", upgrade(connection), [(BY_STATUS["revision"], BY_STATUS["message"]),
                                                        (VERDICT["revision"], VERDICT["message"]),
                                                        (ONE_PER_CONTRACT["revision"], ONE_PER_CONTRACT["message"])])
    fact("and repairs", rows(watcher, VALID_INDEX), [(True,)])
    # Ctrl-C in a program.
    rows(connection, "SELECT migrate_downgrade('27c6a30d7c24')")
    run(writer, WRITING)
    have_ctrl_c_cancel()
    end = interrupted(lambda: upgrade(connection, "3a7fd0561820"), lambda: rows(watcher, WAITS)[0][0] == 1)
    psycopg2.extensions.set_wait_callback(None)
    fact("Ctrl-C", type(end), psycopg2.errors.QueryCanceled)
    fact("ends the worker, too", wait_until(lambda: rows(watcher, "SELECT count(*) FROM migrate.progress")[0][0] == 0), True)
    writer.rollback()
    fact("the next call", len(upgrade(connection)), 3)

    # Who has read and not committed: his lock on the table stays.
    run(connection, "SELECT migrate_downgrade('3a7fd0561820')")
    reader = psycopg2.connect("")
    rows(reader, "SELECT count(*) FROM extractions")
    caller = Background(lambda: rows(connection, "SELECT revision FROM migrate_downgrade('27c6a30d7c24')"))
    blocked = "SELECT blocked_by = ARRAY[%s] FROM migrate.progress"
    pid = rows(reader, "SELECT pg_backend_pid()")[0][0]
    fact("a reader without commit is waited for", wait_until(lambda: rows(watcher, blocked, [pid]) == [(True,)]), True)
    reader.rollback()
    fact("until he commits or rolls back", (caller.ended(), caller.result), (True, [("3a7fd0561820",)]))
    fact("up again", len(upgrade(connection)), 3)
    for each in (connection, writer, watcher, reader):
        each.close()


def cursors():
    """A named cursor is one of the server."""
    connection = psycopg2.connect("")
    with connection.cursor("steps") as cursor:
        cursor.itersize = 1
        cursor.execute("SELECT revision FROM migrate_downgrade('4b80e1672931')")
        fact("a cursor of the server returns the rows", cursor.fetchmany(1), [("5c91f2783a42",)])
    connection.commit()
    fact("of a run that is committed", applied(connection), ["4b80e1672931"])
    connection.close()
    connection = connect()
    error = raised(psycopg2.Error, lambda: connection.cursor("steps").execute("SELECT 1"))
    fact("without a transaction it must be one WITH HOLD", type(error), psycopg2.ProgrammingError)
    connection.close()
    if POOLED:
        left_out("a cursor WITH HOLD")
        return
    connection = connect()
    with connection.cursor("held", withhold=True) as cursor:
        cursor.execute("SELECT revision FROM migrate_downgrade('27c6a30d7c24')")
        fact("one WITH HOLD, of a run by a worker", cursor.fetchall(), [("4b80e1672931",), ("3a7fd0561820",)])
    fact("all is back", applied(connection), ["27c6a30d7c24"])
    connection.close()


registering()
in_a_transaction()
without_autocommit()
enumeration()
failing()
cancelling()
cursors()
finish()
