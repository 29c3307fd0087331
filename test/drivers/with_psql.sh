#!/usr/bin/env bash
# SPDX-License-Identifier: PostgreSQL
# The tutorial's workflow through psql. Its snippets are functions here.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PGOPTIONS="${PGOPTIONS:-}"
failed=0

# All files in one transaction: --single-transaction. It stops at the first error, and then exits with 3.
register() {
    cat "$1"/*.sql | psql -X -q -v ON_ERROR_STOP=1 --single-transaction -o /dev/null
}

# One call, one -c: psql begins no transaction unless told to.
upgrade() {
    psql -X -v ON_ERROR_STOP=1 -c "SELECT revision, message FROM migrate_upgrade('$1')"
}

# With the SQLSTATE and where in pg_migrate it comes from.
upgrade_verbosely() {
    psql -X -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -c "SELECT migrate_upgrade('head')"
}

# The names of variables: :'name' is a string, quoted as it must be.
register_one() {
    psql -X -q -At -v id="$1" -v parent="$2" -v message="$3" -v up="$4" -v down="$5" <<'SQL'
SELECT migrate_revision(revision => :'id', down_revision => :'parent', message => :'message', up => :'up', down => :'down');
SQL
}

# What follows are the tests.

fact() { # what, actual, expected
    if [ "$2" == "$3" ]; then
        echo "ok - $1"
        return
    fi
    failed=$((failed + 1))
    printf 'not ok - %s\n#      got: %s\n# expected: %s\n' "$1" "$2" "$3"
}

query() { # rows without decoration; of an error the SQLSTATE alone
    psql -X -q -At -v VERBOSITY=sqlstate "$@" 2>&1 | grep -v '^NOTICE'
}

wait_until() { # SQL, expected
    local turn
    for turn in $(seq 300); do
        [ "$(query -c "$1")" != "$2" ] || { echo true; return; }
        sleep 0.1
    done
    echo "not after $turn turns"
}

by_status='-- %s, %(up)s, ?, :up, $1, {fn now()}
CREATE INDEX CONCURRENTLY by_status ON extractions (status)'
index_message='100 % of them by status: faster?'
waits="SELECT count(*) FROM migrate.progress WHERE revision = '3a7fd0561820' AND starts_with(phase, 'waiting for writers')"
writing='LOCK TABLE extractions IN ROW EXCLUSIVE MODE'
# In psql's own words, which name where a message comes from.
plain() { sed -E 's/^psql:[^ ]*: //; s/^LOCATION: .*//; /^$/d'; }

# Someone who writes and does not commit, in the background; $writer is his input.
write_and_wait() {
    exec {writer}> >(psql -X -q >/dev/null 2>&1)
    printf 'BEGIN;\n%s;\n' "$writing" >&"$writer"
    fact 'someone writes' "$(wait_until "SELECT count(*) FROM pg_locks WHERE relation = 'extractions'::regclass AND mode = 'RowExclusiveLock'" 1)" true
}
end_writing() {
    printf 'ROLLBACK;\n' >&"$writer"
    exec {writer}>&-
}

fact 'the extension' "$(query -c 'CREATE EXTENSION pg_migrate')" ''
register "$here/migrations"
fact 'files are registered as they are' "$(query -c 'SELECT revision FROM migrate_heads()')" 27c6a30d7c24
fact 'a revision by variables' "$(register_one 3a7fd0561820 27c6a30d7c24 "$index_message" "$by_status" 'DROP INDEX CONCURRENTLY by_status')" 3a7fd0561820
fact 'to the letter' "$(query -c "SELECT up FROM migrate_show('head')")" "$by_status"
left_out() { echo "# left out behind a pooler, for it needs a session: $1"; }
if [ "${DRIVERS_POOLED:-}" = 1 ]; then
    left_out PREPARE
else
    fact 'by a prepared statement, six times' "$(psql -X -q -At -v up="$by_status" -v message="$index_message" <<'SQL' | sort | uniq -c | sed 's/^ *//'
PREPARE again(text, text, text, text, text) AS SELECT migrate_revision(revision => $1, down_revision => $2, message => $3, up => $4, down => $5);
SELECT 'EXECUTE again(''3a7fd0561820'', ''27c6a30d7c24'', ' || quote_literal(:'message') || ', ' || quote_literal(:'up') || ', ''DROP INDEX CONCURRENTLY by_status'')'
FROM generate_series(1, 6) \gexec
SQL
    )" '6 3a7fd0561820'
fi

# In a transaction, which psql begins where AUTOCOMMIT is off.
fact 'a run belongs to the transaction' "$(query -v AUTOCOMMIT=off <<'SQL'
SELECT revision FROM migrate_upgrade('27c6a30d7c24');
SELECT revision FROM migrate_current();
SQL
)" '1975ea83b712
27c6a30d7c24
27c6a30d7c24'
fact 'without COMMIT nothing stays' "$(query -c 'SELECT count(*) FROM migrate_current()')" 0
output=$(upgrade 27c6a30d7c24 2>&1)
fact 'the notices' "$(grep NOTICE <<<"$output")" 'NOTICE:  Running upgrade  -> 1975ea83b712, initial schema
NOTICE:  Running upgrade 1975ea83b712 -> 27c6a30d7c24, add review_notes to extractions'
fact 'current' "$(query -c 'SELECT revision FROM migrate_current()')" 27c6a30d7c24
fact 'history' "$(query -c 'SELECT revision, is_applied FROM migrate_history()')" '3a7fd0561820|f
27c6a30d7c24|t
1975ea83b712|t'

psql -X -q -v ON_ERROR_STOP=1 >/dev/null 2>&1 <<<"SELECT migrate_upgrade('xyz'); SELECT migrate_upgrade('head')"
fact 'ON_ERROR_STOP, the status' "$?" 3

# A transaction block that nobody has begun.
forgotten=$(cat "$here/forgotten.txt")
fact 'AUTOCOMMIT off' "$(psql -X -v AUTOCOMMIT=off -c "SELECT migrate_upgrade('head')" 2>&1 | plain)" "$forgotten"
fact '--single-transaction' "$(psql -X -1 -c "SELECT migrate_upgrade('head')" 2>&1 | plain)" "$forgotten"
output=$(psql -X -c "SELECT 1; SELECT migrate_upgrade('head')" 2>&1)
fact 'two statements in a -c' "$(grep -c 'DETAIL: .* The query string holds other statements too, and the server makes one transaction block of them' <<<"$output")" 1
fact 'the hint' "$(grep -o 'HINT:  Send the call in a query string of its own (with psql: in a -c of its own)' <<<"$output")" 'HINT:  Send the call in a query string of its own (with psql: in a -c of its own)'
fact 'nothing has been run' "$(query -c 'SELECT revision FROM migrate_current()')" 27c6a30d7c24
output=$(psql -X -q -At -v VERBOSITY=sqlstate -v AUTOCOMMIT=off -v ON_ERROR_ROLLBACK=on 2>&1 <<'SQL'
SELECT 1;
SELECT migrate_upgrade('head');
SELECT 2;
SQL
)
fact 'ON_ERROR_ROLLBACK sets savepoints' "$output" '1
ERROR:  25001
2'
fact 'as the hint says, it works' "$(psql -X -q -At -c 'SELECT 1' -c "SELECT revision FROM migrate_upgrade('head')" 2>&1)" "1
NOTICE:  Running upgrade 27c6a30d7c24 -> 3a7fd0561820, $index_message
3a7fd0561820"
fact 'migrate_start() in a transaction, migrate_wait() behind it' "$(query <<'SQL'
BEGIN;
SELECT migrate_start('-1', 'downgrade') AS run \gset
COMMIT;
SELECT migrate_wait(:run);
SELECT revision FROM migrate_current();
SQL
)" 'done
27c6a30d7c24'

# A failure.
register_one 4b80e1672931 3a7fd0561820 'extractions have a verdict' \
    "ALTER TYPE verdict ADD VALUE IF NOT EXISTS 'bad'; ALTER TABLE extractions ADD verdict verdict NOT NULL DEFAULT 'bad'" \
    'ALTER TABLE extractions DROP verdict' >/dev/null
register_one 5c91f2783a42 4b80e1672931 'one extraction per contract' \
    'ALTER TABLE extractions ADD reviewed_at timestamptz;
ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)' \
    'ALTER TABLE extractions DROP CONSTRAINT one_per_contract; ALTER TABLE extractions DROP reviewed_at' >/dev/null
fact 'a new value of an enumeration, used behind it' "$(query -c "SELECT revision FROM migrate_upgrade('4b80e1672931')")" '3a7fd0561820
4b80e1672931'
query -c "INSERT INTO contracts (title) VALUES ('rent'); INSERT INTO extractions (contract_id) VALUES (1), (1)"
output=$(upgrade_verbosely 2>&1)
fact 'the status of psql' "$?" 1
fact 'a migration that fails' "$(plain <<<"$output")" 'NOTICE:  00000: Running upgrade 4b80e1672931 -> 5c91f2783a42, one extraction per contract
ERROR:  23505: could not create unique index "one_per_contract"
DETAIL:  Key (contract_id)=(1) is duplicated.
CONTEXT:  SQL statement "ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)"
revision "5c91f2783a42", statement 2, line 2
SCHEMA NAME:  public
TABLE NAME:  extractions
CONSTRAINT NAME:  one_per_contract'
fact 'nothing of it stays' "$(query -c 'SELECT revision FROM migrate_current()')" 4b80e1672931
fact 'SQLSTATE of its own' "$(query -c "SELECT migrate_upgrade('xyz')")" 'ERROR:  MG001'
query -c 'DELETE FROM extractions WHERE id = 2'
fact 'the data are mended' "$(query -c "SELECT revision FROM migrate_upgrade('head')")" 5c91f2783a42

# Ctrl-C.
fact 'back' "$(query -c "SELECT count(*) FROM migrate_downgrade('27c6a30d7c24')")" 3
write_and_wait
cancelled=$(mktemp)
set -m
psql -X -v VERBOSITY=sqlstate -c "SELECT migrate_upgrade('3a7fd0561820')" >"$cancelled" 2>&1 &
caller=$!
set +m
fact 'the index build waits' "$(wait_until "$waits" 1)" true
kill -INT "$caller"
wait "$caller"
fact 'Ctrl-C' "$(grep ERROR "$cancelled")" 'ERROR:  57014'
rm "$cancelled"
fact 'ends the worker' "$(wait_until 'SELECT count(*) FROM migrate.progress' 0)" true
fact 'what is half done is known' "$(query -c 'SELECT revision, done, running FROM migrate.journal')" '3a7fd0561820|0|1'
end_writing
fact 'the next call goes on' "$(query -c "SELECT revision FROM migrate_upgrade('head')")" '3a7fd0561820
4b80e1672931
5c91f2783a42'
fact 'and repairs' "$(query -c "SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_status'::regclass")" t

# A printed script, which is meant for psql.
script=$(mktemp)
psql -X -q -At -c "SELECT migrate_downgrade_sql('base')" >"$script"
if [ "${DRIVERS_POOLED:-}" = 1 ]; then
    left_out 'a printed script with statements outside of transactions'
else
    fact 'a printed script' "$(psql -X -q -At -f "$script" >/dev/null 2>&1; echo $?)" 0
    fact 'has taken all back' "$(query -c "SELECT count(*), to_regclass('contracts') IS NULL FROM migrate_current()")" '0|t'
fi
rm "$script"
echo finished
exit $((failed > 0))
