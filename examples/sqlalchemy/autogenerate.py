"""python3 autogenerate.py MESSAGE: writes the revision that makes a database what models.py says.

The database is that of PGHOST, PGDATABASE and so on."""

import sys

from models import Base
from sqlalchemy import create_engine, text

with create_engine("postgresql+psycopg2://").begin() as connection:
    connection.execute(text("CREATE SCHEMA model"))
    Base.metadata.create_all(connection.execution_options(schema_translate_map={None: "model"}))
    revision = connection.scalar(text("SELECT migrate_autogenerate(:message, model_schema => 'model')"), {"message": sys.argv[1]})
    connection.execute(text("DROP SCHEMA model CASCADE"))
    if revision is None:
        print("Nothing has changed.")
    else:
        up, down = connection.execute(text("SELECT up, down FROM migrate_show(:revision)"), {"revision": revision}).one()
        print(f"-- up\n{up}\n-- down\n{down}", end="")
