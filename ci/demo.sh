#!/usr/bin/env bash
# Shows the main job, step by step, as psql prints it. Needs the libpq environment of a cluster in which a database can be created.
set -euo pipefail
cd "$(dirname "$0")/.."

cat <<'EOF'

  pg_migrate: schema migrations inside the PostgreSQL server, with Alembic's rules.
  Below, the steps of examples/sql/demo.sql in a new database: SQL as it is sent, then psql's answer.
EOF
createdb contract_refund_system
psql -X -e -q -d contract_refund_system -f examples/sql/demo.sql 2>&1 | sed 's,^psql:examples/sql/demo\.sql:[0-9]*: ,,'
cat <<'EOF'

  That was pg_migrate. The cluster of this demo is removed now; the extension stays installed in this server:

      psql -c 'CREATE EXTENSION pg_migrate' yourdatabase     as a role that may CREATE in it; after "sudo -u postgres" any database will do

  docs/tutorial.md goes on from here; docs/alembic.md says what becomes of each Alembic command.

EOF
