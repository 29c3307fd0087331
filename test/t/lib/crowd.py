# SPDX-License-Identifier: PostgreSQL
"""Sessions that do something at the same moment.

crowd.py CONNECTION reads a list of sessions from its input, as JSON: `setup`, statements run before the common start; `sql`, statements run after it;
`block`, whether they are in a transaction block, as is psycopg2's default, which is committed in the end; `times`, how many such sessions. Prints what
became of each: `begin` and `end` in seconds since the common start, `rows` of the last statement that had any, `sqlstate` and `message` of an error,
`warnings`.
"""

import json
import sys
import threading
import time

import psycopg2


def execute(cursor, statements):
    rows = None
    for statement in statements:
        cursor.execute(statement)
        if cursor.description:
            rows = [[None if value is None else str(value) for value in row] for row in cursor.fetchall()]
    return rows


class Session(threading.Thread):
    def __init__(self, number, wish, connection, start):
        super().__init__(daemon=True)
        self.number = number
        self.wish = wish
        self.connection = psycopg2.connect(connection)
        self.connection.autocommit = True
        self.start_line = start
        self.result = {}
        execute(self.connection.cursor(), wish.get("setup", []))
        self.connection.autocommit = not wish.get("block", False)

    def run(self):
        self.start_line.wait()
        begin = time.monotonic()
        self.result = {"number": self.number, "name": self.wish.get("name", ""), "sqlstate": "", "message": "", "rows": []}
        try:
            with self.connection.cursor() as cursor:
                self.result["rows"] = execute(cursor, self.wish["sql"])
            self.connection.commit()
        except psycopg2.Error as error:
            self.result["sqlstate"] = error.pgcode or "client"
            self.result["message"] = str(error).strip()
        self.result["end"] = time.monotonic()
        self.result["warnings"] = [text.strip() for text in self.connection.notices if text.startswith("WARNING")]
        self.result["begin"] = begin
        self.connection.close()


def main():
    wishes = [wish for wish in json.load(sys.stdin) for _ in range(wish.get("times", 1))]
    start = threading.Barrier(len(wishes))
    sessions = [Session(number, wish, sys.argv[1], start) for number, wish in enumerate(wishes)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    first = min(session.result["begin"] for session in sessions)
    for session in sessions:
        session.result["begin"] -= first
        session.result["end"] -= first
    json.dump([session.result for session in sessions], sys.stdout)


if __name__ == "__main__":
    main()
