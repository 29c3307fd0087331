# SPDX-License-Identifier: PostgreSQL
"""What the programs in Python have in common: facts, each a line of the output, and the revisions."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MIGRATIONS = HERE / "migrations"
FORGOTTEN = (HERE / "forgotten.txt").read_text(encoding="utf-8")
POOLED = os.environ.get("DRIVERS_POOLED") == "1"

INITIAL = "Running upgrade  -> 1975ea83b712, initial schema"
NOTES = "Running upgrade 1975ea83b712 -> 27c6a30d7c24, add review_notes to extractions"
INDEX = "Running upgrade 27c6a30d7c24 -> 3a7fd0561820, 100 % of them by status: faster?"

# The revisions that are registered by parameters; their texts hold what drivers take for places of parameters.
BY_STATUS = {
    "revision": "3a7fd0561820",
    "down_revision": "27c6a30d7c24",
    "message": "100 % of them by status: faster?",
    "up": "-- %s, %(up)s, ?, :up, $1, {fn now()}\nCREATE INDEX CONCURRENTLY by_status ON extractions (status)",
    "down": "DROP INDEX CONCURRENTLY by_status",
}
VERDICT = {
    "revision": "4b80e1672931",
    "down_revision": "3a7fd0561820",
    "message": "extractions have a verdict",
    "up": "ALTER TYPE verdict ADD VALUE IF NOT EXISTS 'bad';\nALTER TABLE extractions ADD COLUMN verdict verdict NOT NULL DEFAULT 'bad'",
    "down": "ALTER TABLE extractions DROP COLUMN verdict",
}
ONE_PER_CONTRACT = {
    "revision": "5c91f2783a42",
    "down_revision": "4b80e1672931",
    "message": "one extraction per contract",
    "up": "ALTER TABLE extractions ADD COLUMN reviewed_at timestamptz;\n"
    "ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)",
    "down": "ALTER TABLE extractions DROP CONSTRAINT one_per_contract;\nALTER TABLE extractions DROP COLUMN reviewed_at",
}
# Two extractions of one contract, which the constraint does not allow.
DUPLICATES = """
    INSERT INTO contracts (title) VALUES ('rent');
    INSERT INTO extractions (contract_id) VALUES (1), (1);
"""
# As one who writes and does not commit: an index build waits for him.
WRITING = "LOCK TABLE extractions IN ROW EXCLUSIVE MODE"
# The run that is to be cancelled has come to its wait; the index is whole.
WAITS = "SELECT count(*) FROM migrate.progress WHERE revision = '3a7fd0561820' AND starts_with(phase, 'waiting for writers')"
VALID_INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('by_status')"

failed = 0


def fact(what, actual, expected):
    """Prints whether it is as expected, and what differs."""
    global failed
    if actual == expected:
        print(f"ok - {what}", flush=True)
        return
    failed += 1
    print(f"not ok - {what}\n#      got: {actual!r}\n# expected: {expected!r}", flush=True)


def left_out(what):
    """Behind a pooler in transaction mode, what needs a session."""
    print(f"# left out behind a pooler, for it needs a session: {what}", flush=True)


def raised(exception, action):
    """The exception of this class that the action raises; None if it raises none."""
    try:
        action()
    except exception as error:
        return error
    return None


def shown(diag):
    """An error's fields (psycopg 2 and 3 name them alike) as psql shows them."""
    if diag is None:
        return "no error"
    fields = [
        ("ERROR", diag.message_primary),
        ("DETAIL", diag.message_detail),
        ("HINT", diag.message_hint),
        ("CONTEXT", diag.context),
    ]
    return "".join(f"{name}:  {text}\n" for name, text in fields if text)


class Background(threading.Thread):
    """An action in a thread of its own, and what has become of it."""

    def __init__(self, action):
        super().__init__(daemon=True)
        self.action = action
        self.result = None
        self.error = None
        self.start()

    def run(self):
        try:
            self.result = self.action()
        except Exception as error:
            self.error = error

    def ended(self, seconds=30):
        self.join(seconds)
        return not self.is_alive()


def wait_until(condition, seconds=30):
    """Whether the condition came true in time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def interrupted(action, when):
    """What an action of this thread comes to when Ctrl-C is pressed once the condition holds: its exception, or its result."""
    Background(lambda: wait_until(when) and os.kill(os.getpid(), signal.SIGINT))
    try:
        return action()
    except (Exception, KeyboardInterrupt) as error:
        return error


def finish():
    print("finished", flush=True)
    sys.exit(1 if failed else 0)
