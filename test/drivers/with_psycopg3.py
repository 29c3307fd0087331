# SPDX-License-Identifier: PostgreSQL
"""The tutorial's workflow through psycopg 3."""

import psycopg

from facts import *


def connect():
    # autocommit: else psycopg sends BEGIN before the first statement
    connection = psycopg.connect("", autocommit=True)  # PGHOST, PGDATABASE, …; or "host=… dbname=…"
    connection.add_notice_handler(lambda notice: print(f"{notice.severity}: {notice.message_primary}"))
    return connection


def register(connection, directory):
    for file in sorted(directory.glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8"))  # no second argument: a % is a %, and several statements are allowed


def upgrade(connection, target="head"):
    return connection.execute("SELECT revision, message FROM migrate_upgrade(%s)", [target]).fetchall()


def upgrade_or_cancel(connection, target="head"):
    try:
        return upgrade(connection, target)
    except KeyboardInterrupt:
        connection.cancel()  # else the run goes on without its caller
        raise


def show(error):
    print(error.sqlstate, error.diag.message_primary)
    print(error.diag.message_detail, error.diag.message_hint, error.diag.context, sep="\n")


REGISTER = """SELECT migrate_revision(revision => %(revision)s, down_revision => %(down_revision)s, message => %(message)s,
                                      up => %(up)s, down => %(down)s)"""

heard = []


def listening(connection):
    connection.add_notice_handler(lambda notice: heard.append(notice.message_primary))
    return connection


def in_transactions():
    return listening(psycopg.connect(""))


def notices():
    said = heard[:]
    heard.clear()
    return said


def rows(connection, sql, parameters=None):
    return connection.execute(sql, parameters).fetchall()


def diag(error):
    return error.diag if error else None


def sqlstate(error):
    return error.sqlstate if error else None


def applied(connection):
    return [row[0] for row in rows(connection, "SELECT revision FROM migrate_current()")]


def prepared(connection):
    """The statements that the server has prepared for the connection, and how many plans of them are generic."""
    return rows(connection, "SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%migrate\\_%'")


def registering():
    connection = connect()
    connection.execute("CREATE EXTENSION pg_migrate")
    register(connection, MIGRATIONS)
    fact("files are registered as they are", rows(connection, "SELECT revision FROM migrate_heads()"), [("27c6a30d7c24",)])
    kept = rows(connection, "SELECT up FROM migrate_show('27c6')")[0][0]
    fact("to the letter", kept in (MIGRATIONS / "27c6a30d7c24_add_review_notes.sql").read_text(encoding="utf-8"), True)
    fact("a revision by parameters", rows(connection, REGISTER, BY_STATUS), [("3a7fd0561820",)])
    kept = rows(connection, "SELECT up, down, message FROM migrate_show('head')")
    fact("to the letter, too", kept, [(BY_STATUS["up"], BY_STATUS["down"], BY_STATUS["message"])])
    with connection.cursor() as cursor:
        cursor.executemany(REGISTER, [VERDICT, BY_STATUS])
    fact("and in a batch", rows(connection, "SELECT revision FROM migrate_heads()"), [("4b80e1672931",)])
    connection.close()


def preparing():
    """What has been run five times psycopg prepares; after five more the server plans it for any parameters."""
    connection = listening(connect())
    if POOLED:
        left_out("prepared statements")
        connection.prepare_threshold = None
    answers = {rows(connection, REGISTER, BY_STATUS)[0][0] for _ in range(12)}
    fact("the same call twelve times", answers, {"3a7fd0561820"})
    fact("changes nothing", rows(connection, "SELECT count(*) FROM migrate.revision"), [(4,)])
    for turn in range(12):
        if len(upgrade(connection, "27c6a30d7c24")) != 2 or len(rows(connection, "SELECT migrate_downgrade(%s)", ["base"])) != 2:
            fact(f"turn {turn}", "runs", "two revisions up, two down")
    fact("up and down twelve times", len(notices()), 12 * 4)
    if not POOLED:
        counts = [plans for (plans,) in prepared(connection)]
        fact("they were prepared, and planned for any parameters", (len(counts), min(counts) > 0), (3, True))
    connection.close()


def in_a_transaction():
    """As psycopg is without autocommit: what a transaction can hold is a part of it."""
    connection = in_transactions()
    fact("a run belongs to the transaction", upgrade(connection, "27c6a30d7c24"),
         [("1975ea83b712", "initial schema"), ("27c6a30d7c24", "add review_notes to extractions")])
    fact("and tells what it does", notices(), [INITIAL, NOTES])
    connection.close()
    connection = in_transactions()
    fact("without commit nothing stays", applied(connection), [])
    connection.rollback()
    connection.autocommit = True
    with connection.transaction():
        upgrade(connection, "27c6a30d7c24")
    fact("with commit it does", applied(connection), ["27c6a30d7c24"])
    history = rows(connection, "SELECT revision, message, is_applied FROM migrate_history()")
    fact("history", history, [(VERDICT["revision"], VERDICT["message"], False),
                              (BY_STATUS["revision"], BY_STATUS["message"], False),
                              ("27c6a30d7c24", "add review_notes to extractions", True),
                              ("1975ea83b712", "initial schema", True)])
    connection.close()


def without_autocommit():
    connection = in_transactions()
    notices()
    error = raised(psycopg.Error, lambda: upgrade(connection, "3a7fd0561820"))
    fact("without autocommit", type(error), psycopg.errors.ActiveSqlTransaction)
    fact("the error says what to do", shown(diag(error)), FORGOTTEN)
    fact("and is all that there is", notices(), [])
    fact("autocommit waits for the end", type(raised(psycopg.Error, lambda: setattr(connection, "autocommit", True))),
         psycopg.ProgrammingError)
    connection.rollback()
    connection.autocommit = True
    fact("nothing is lost", applied(connection), ["27c6a30d7c24"])
    fact("as the hint says, it works", upgrade(connection, "3a7fd0561820"), [(BY_STATUS["revision"], BY_STATUS["message"])])
    fact("with its notice", notices(), [INDEX])

    def in_block():
        with connection.transaction():
            rows(connection, "SELECT migrate_downgrade('-1')")
    error = raised(psycopg.Error, in_block)
    fact("transaction() begins one", shown(diag(error)).split("\n")[0],
         'ERROR:  statement 1 of revision "3a7fd0561820" cannot run in a transaction block')

    def nested():
        with connection.transaction(), connection.transaction():
            rows(connection, "SELECT migrate_downgrade('-1')")
    error = raised(psycopg.Error, nested)
    fact("one within another is a subtransaction", "The call is in a subtransaction" in shown(diag(error)), True)
    fact("both have ended", connection.info.transaction_status, psycopg.pq.TransactionStatus.IDLE)
    connection.close()

    # The other way of the hint, in the transaction that is open anyway.
    connection = in_transactions()
    number = rows(connection, "SELECT migrate_start(%s, %s)", ["-1", "downgrade"])[0][0]
    connection.commit()
    connection.autocommit = True
    fact("migrate_start() in a transaction, migrate_wait() with autocommit",
         rows(connection, "SELECT migrate_wait(%s, %s)", [number, "1 minute"]), [("done",)])
    fact("it has run", applied(connection), ["27c6a30d7c24"])
    connection.close()


def enumeration():
    connection = in_transactions()
    error = raised(psycopg.Error, lambda: upgrade(connection, "4b80e1672931"))
    fact("a concurrent index is refused for the whole plan", sqlstate(error), "25001")
    connection.rollback()
    connection.autocommit = True
    fact("a new value of an enumeration, used behind it", upgrade(connection),
         [(BY_STATUS["revision"], BY_STATUS["message"]), (VERDICT["revision"], VERDICT["message"])])
    connection.close()


def failing():
    connection = listening(connect())
    connection.execute(DUPLICATES)
    rows(connection, REGISTER, ONE_PER_CONTRACT)
    notices()
    error = raised(psycopg.Error, lambda: upgrade(connection))
    show(error)
    fact("a migration that fails", type(error), psycopg.errors.UniqueViolation)
    fact("as the server said it", shown(diag(error)),
         'ERROR:  could not create unique index "one_per_contract"\n'
         "DETAIL:  Key (contract_id)=(1) is duplicated.\n"
         'CONTEXT:  SQL statement "ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)"\n'
         'revision "5c91f2783a42", statement 2, line 2\n')
    fact("after its notice", notices(), ["Running upgrade 4b80e1672931 -> 5c91f2783a42, one extraction per contract"])
    fact("nothing of it stays", applied(connection), ["4b80e1672931"])
    error = raised(psycopg.Error, lambda: upgrade(connection, "xyz"))
    fact("SQLSTATE of its own", (sqlstate(error), diag(error).message_hint), ("MG001", "migrate_history() lists the revisions that are known."))
    connection.execute("DELETE FROM extractions WHERE id = 2")
    fact("the data are mended", upgrade(connection), [(ONE_PER_CONTRACT["revision"], ONE_PER_CONTRACT["message"])])
    connection.close()


def pipelines():
    if not psycopg.Pipeline.is_supported():
        fact("libpq has a pipeline mode", False, True)
        return
    connection = listening(connect())
    notices()
    with connection.pipeline() as pipeline:
        first = connection.execute("SELECT revision FROM migrate_downgrade(%s)", ["4b80e1672931"])
        second = connection.execute("SELECT revision FROM migrate_upgrade(%s)", ["head"])
        pipeline.sync()
        fact("a pipeline that one transaction can hold", (first.fetchall(), second.fetchall()), ([("5c91f2783a42",)], [("5c91f2783a42",)]))
    fact("with its notices", len(notices()), 2)

    def behind_another():
        with connection.pipeline():
            connection.execute("SELECT 1")
            connection.execute("SELECT migrate_downgrade(%s)", ["27c6a30d7c24"])
    error = raised(psycopg.Error, behind_another)
    fact("a worker's run behind another statement", sqlstate(error), "25001")
    fact("the hint", diag(error).message_hint.split(". ")[0], "Send it by itself, or first behind a Sync")
    with connection.pipeline() as pipeline:
        connection.execute("SELECT 1")
        pipeline.sync()
        down = connection.execute("SELECT revision FROM migrate_downgrade(%s)", ["27c6a30d7c24"])
        pipeline.sync()
        fact("first behind a Sync it works", down.fetchall(), [("5c91f2783a42",), ("4b80e1672931",), ("3a7fd0561820",)])

    def first_of_two():
        with connection.pipeline():
            connection.execute("SELECT migrate_upgrade(%s)", ["3a7fd0561820"])
            connection.execute("SELECT 1 / 0")
    error = raised(psycopg.Error, first_of_two)
    fact("what fails behind it", sqlstate(error), "22012")
    fact("does not undo it", applied(connection), ["3a7fd0561820"])
    connection.close()


def cancelling():
    connection = connect()
    rows(connection, "SELECT migrate_downgrade('27c6a30d7c24')")
    writer = psycopg.connect("")
    writer.execute(WRITING)
    caller = Background(lambda: upgrade(connection, "3a7fd0561820"))
    watcher = connect()
    fact("the index build waits", wait_until(lambda: rows(watcher, WAITS)[0][0] == 1), True)
    connection.cancel()
    fact("cancelled, the call ends", caller.ended(), True)
    fact("with the error of a cancel", type(caller.error), psycopg.errors.QueryCanceled)
    fact("and its worker", wait_until(lambda: rows(watcher, "SELECT count(*) FROM migrate.progress")[0][0] == 0), True)
    fact("what is half done is known", rows(watcher, "SELECT revision, done, running FROM migrate.journal"), [("3a7fd0561820", 0, 1)])
    writer.rollback()
    fact("the next call goes on", len(upgrade(connection)), 3)
    fact("and repairs", rows(watcher, VALID_INDEX), [(True,)])
    rows(connection, "SELECT migrate_downgrade('27c6a30d7c24')")
    writer.execute(WRITING)
    interrupt = interrupted(lambda: upgrade_or_cancel(connection, "3a7fd0561820"), lambda: rows(watcher, WAITS)[0][0] == 1)
    fact("Ctrl-C", type(interrupt), KeyboardInterrupt)
    fact("and a cancel end the worker", wait_until(lambda: rows(watcher, "SELECT count(*) FROM migrate.progress")[0][0] == 0), True)
    writer.rollback()
    connection.close()
    connection = connect()
    fact("the next call", len(upgrade(connection)), 3)
    for each in (connection, writer, watcher):
        each.close()


def cursors():
    connection = in_transactions()
    with connection.cursor("steps") as cursor:
        cursor.execute("SELECT revision FROM migrate_downgrade(%s)", ["4b80e1672931"])
        fact("a cursor of the server returns the rows", cursor.fetchmany(1), [("5c91f2783a42",)])
    connection.commit()
    with connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT revision, statements, duration >= '0' FROM migrate_upgrade(%s)", ["head"])
        fact("binary results", cursor.fetchall(), [("5c91f2783a42", 2, True)])
    connection.rollback()
    fact("are rolled back like others", applied(connection), ["4b80e1672931"])
    connection.close()


registering()
preparing()
in_a_transaction()
without_autocommit()
enumeration()
failing()
pipelines()
cancelling()
cursors()
finish()
