# SPDX-License-Identifier: PostgreSQL
"""The env.py of the Alembic projects that the benchmarks make; they say by the environment which database it is, and what the model."""

import os

from alembic import context
from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import NullPool


def engine_of(database):
    # Host, port and user are those of libpq's environment.
    return create_engine(f"postgresql+psycopg2:///{database}", poolclass=NullPool)


def model():
    """The tables of the database that is as it should be."""
    if "BENCH_MODEL" not in os.environ:
        return None
    metadata = MetaData()
    metadata.reflect(bind=engine_of(os.environ["BENCH_MODEL"]))
    return metadata


with engine_of(os.environ["BENCH_DATABASE"]).connect() as connection:
    context.configure(connection=connection, target_metadata=model(), compare_type=True, compare_server_default=True,
                      transaction_per_migration="BENCH_TRANSACTION_PER_MIGRATION" in os.environ)
    with context.begin_transaction():
        context.run_migrations()
