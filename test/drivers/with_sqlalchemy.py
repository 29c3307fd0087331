# SPDX-License-Identifier: PostgreSQL
"""The tutorial's workflow through an engine of SQLAlchemy, on psycopg 2."""

import logging
import sys

import sqlalchemy
from sqlalchemy import text

from facts import *

# AUTOCOMMIT: else SQLAlchemy begins a transaction with the first statement of a connection
engine = sqlalchemy.create_engine("postgresql+psycopg2://", isolation_level="AUTOCOMMIT")


def register(connection, directory):
    # Neither text(), to which a :name is a parameter, nor an empty list of parameters, with which a % is one to psycopg 2.
    plain = connection.execution_options(no_parameters=True)
    for file in sorted(directory.glob("*.sql")):
        plain.exec_driver_sql(file.read_text(encoding="utf-8"))


# SQLAlchemy hands the NOTICEs of psycopg 2 to this logger.
logging.basicConfig(format="%(message)s", stream=sys.stdout)
logging.getLogger("sqlalchemy.dialects.postgresql").setLevel(logging.INFO)


def upgrade(connection, target="head"):
    return connection.execute(text("SELECT revision, message FROM migrate_upgrade(:target)"), {"target": target}).all()


def show(error):  # of sqlalchemy.exc.DBAPIError
    print(error.orig.pgcode, error.orig.diag.message_primary)
    print(error.orig.diag.message_detail, error.orig.diag.message_hint, error.orig.diag.context, sep="\n")


REGISTER = text("""SELECT migrate_revision(revision => :revision, down_revision => :down_revision, message => :message,
                                           up => :up, down => :down)""")

# As people have it, who have set nothing.
ordinary = sqlalchemy.create_engine("postgresql+psycopg2://")


def rows(connection, sql, parameters=None):
    statement = text(sql) if isinstance(sql, str) else sql
    return [tuple(row) for row in connection.execute(statement, parameters or {})]


heard = []


class Listener(logging.Handler):
    def emit(self, record):
        heard.append(record.getMessage().removeprefix("NOTICE:  ").rstrip("\n"))


logging.getLogger("sqlalchemy.dialects.postgresql").addHandler(Listener())


def notices():
    said = heard[:]
    heard.clear()
    return said


def original(error):
    return error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else None


def sqlstate(error):
    return original(error).pgcode if original(error) else None


def shown_error(error):
    return shown(original(error).diag) if original(error) else repr(error)


def applied(connection):
    return [row[0] for row in rows(connection, "SELECT revision FROM migrate_current()")]


def registering():
    with engine.connect() as connection:
        connection.execute(text("CREATE EXTENSION pg_migrate"))
        register(connection, MIGRATIONS)
        fact("files are registered as they are", rows(connection, "SELECT revision FROM migrate_heads()"), [("27c6a30d7c24",)])
        kept = rows(connection, "SELECT up FROM migrate_show('27c6')")[0][0]
        fact("to the letter", kept in (MIGRATIONS / "27c6a30d7c24_add_review_notes.sql").read_text(encoding="utf-8"), True)
        fact("a revision by parameters", rows(connection, REGISTER, BY_STATUS), [("3a7fd0561820",)])
        kept = rows(connection, "SELECT up, down, message FROM migrate_show('head')")
        fact("to the letter, too", kept, [(BY_STATUS["up"], BY_STATUS["down"], BY_STATUS["message"])])
        connection.execute(REGISTER, [VERDICT, BY_STATUS])
        fact("and in a batch", rows(connection, "SELECT revision FROM migrate_heads()"), [("4b80e1672931",)])
        misread = (MIGRATIONS / "27c6a30d7c24_add_review_notes.sql").read_text(encoding="utf-8")
        error = raised(sqlalchemy.exc.StatementError, lambda: connection.execute(text(misread)))
        fact("text() takes a :name in a file for a parameter", "'todo'" in str(error), True)
        error = raised(Exception, lambda: connection.exec_driver_sql(misread))
        fact("without no_parameters a % is one, too", type(error).__name__, "TypeError")


def in_a_transaction():
    with ordinary.connect() as connection:
        fact("a run belongs to the transaction", [tuple(row) for row in upgrade(connection, "27c6a30d7c24")],
             [("1975ea83b712", "initial schema"), ("27c6a30d7c24", "add review_notes to extractions")])
        fact("and tells what it does", notices(), [INITIAL, NOTES])
    with ordinary.connect() as connection:
        fact("without commit nothing stays", applied(connection), [])
    with ordinary.begin() as connection:
        upgrade(connection, "27c6a30d7c24")
    with ordinary.connect() as connection:
        fact("begin() commits", applied(connection), ["27c6a30d7c24"])
        fact("history", rows(connection, "SELECT revision, is_applied FROM migrate_history()"),
             [(VERDICT["revision"], False), (BY_STATUS["revision"], False), ("27c6a30d7c24", True), ("1975ea83b712", True)])


def without_autocommit():
    with ordinary.connect() as connection:
        notices()
        error = raised(sqlalchemy.exc.DBAPIError, lambda: upgrade(connection, "3a7fd0561820"))
        fact("without autocommit the error says what to do", shown_error(error), FORGOTTEN)
        fact("and shows it in its text", "Commit or roll back, then call it by itself and with autocommit on" in str(error), True)
    with ordinary.connect() as connection:
        fact("nothing is lost", applied(connection), ["27c6a30d7c24"])
    # Autocommit for one connection of an engine that has none.
    with ordinary.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        fact("as the hint says, it works", [tuple(row) for row in upgrade(connection, "3a7fd0561820")],
             [(BY_STATUS["revision"], BY_STATUS["message"])])
        fact("with its notice", notices(), [INDEX])
    with engine.begin() as connection:
        fact("begin() of an engine with autocommit begins nothing", len(rows(connection, "SELECT migrate_downgrade('-1')")), 1)
    with ordinary.begin() as connection:
        number = rows(connection, "SELECT migrate_start('3a7fd0561820')")[0][0]
    with engine.connect() as connection:
        fact("migrate_start() in a transaction, migrate_wait() with autocommit",
             rows(connection, "SELECT migrate_wait(:run)", {"run": number}), [("done",)])
    with ordinary.connect() as connection:
        fact("the connections of the pool have no autocommit left over",
             connection.connection.dbapi_connection.autocommit, False)


def savepoints():
    def nested():
        with ordinary.begin() as connection, connection.begin_nested():
            rows(connection, "SELECT migrate_downgrade('-1')")
    error = raised(sqlalchemy.exc.DBAPIError, nested)
    fact("begin_nested() is a subtransaction", (sqlstate(error), "The call is in a subtransaction" in shown_error(error)), ("25001", True))


def failing():
    with engine.connect() as connection:
        upgrade(connection)
        connection.execution_options(no_parameters=True).exec_driver_sql(DUPLICATES)
        rows(connection, REGISTER, ONE_PER_CONTRACT)
        error = raised(sqlalchemy.exc.DBAPIError, lambda: upgrade(connection))
        show(error)
        fact("a migration that fails", type(error), sqlalchemy.exc.IntegrityError)
        fact("as the server said it", shown_error(error),
             'ERROR:  could not create unique index "one_per_contract"\n'
             "DETAIL:  Key (contract_id)=(1) is duplicated.\n"
             'CONTEXT:  SQL statement "ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)"\n'
             'revision "5c91f2783a42", statement 2, line 2\n')
        fact("nothing of it stays", applied(connection), ["4b80e1672931"])
        fact("SQLSTATE of its own", sqlstate(raised(sqlalchemy.exc.DBAPIError, lambda: upgrade(connection, "xyz"))), "MG001")
        connection.execute(text("DELETE FROM extractions WHERE id = 2"))
        fact("the data are mended", [tuple(row) for row in upgrade(connection)],
             [(ONE_PER_CONTRACT["revision"], ONE_PER_CONTRACT["message"])])


def cancelling():
    with engine.connect() as connection, ordinary.connect() as writer, engine.connect() as watcher:
        rows(connection, "SELECT migrate_downgrade('27c6a30d7c24')")
        writing = writer.begin()
        writer.execute(text(WRITING))
        caller = Background(lambda: upgrade(connection, "3a7fd0561820"))
        fact("the index build waits", wait_until(lambda: rows(watcher, WAITS)[0][0] == 1), True)
        connection.connection.dbapi_connection.cancel()
        fact("cancelled, the call ends", caller.ended(), True)
        fact("with the error of a cancel", sqlstate(caller.error), "57014")
        fact("and its worker", wait_until(lambda: rows(watcher, "SELECT count(*) FROM migrate.progress")[0][0] == 0), True)
        writing.rollback()
        fact("the next call goes on", len(upgrade(connection)), 3)
        fact("and repairs", rows(watcher, VALID_INDEX), [(True,)])


def streaming():
    with ordinary.connect().execution_options(stream_results=True, max_row_buffer=1) as connection:
        fact("a cursor of the server", len(rows(connection, "SELECT * FROM migrate_downgrade('-1')")), 1)
    with engine.connect() as connection:
        fact("without commit nothing stays", applied(connection), ["5c91f2783a42"])


registering()
in_a_transaction()
without_autocommit()
savepoints()
failing()
cancelling()
streaming()
finish()
