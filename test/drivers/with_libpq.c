/* SPDX-License-Identifier: PostgreSQL */
/* The tutorial's workflow through libpq. */

#include <libpq-fe.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void hear(void *context, const PGresult *notice);

static PGconn *connect_to_server(void)
{
    PGconn *connection = PQconnectdb(""); /* PGHOST, PGDATABASE, ...; or "host=... dbname=..." */
    if (PQstatus(connection) != CONNECTION_OK) {
        fputs(PQerrorMessage(connection), stderr);
        exit(1);
    }
    PQsetNoticeReceiver(connection, hear, NULL); /* else libpq prints NOTICEs to stderr */
    return connection; /* libpq begins no transaction unasked: nothing to be said about autocommit */
}

/* A file as it is: PQexec() takes several statements, and runs them in one transaction. */
static bool register_file(PGconn *connection, const char *content)
{
    PGresult *result = PQexec(connection, content);
    bool done = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    return done;
}

static PGresult *upgrade(PGconn *connection, const char *target)
{
    return PQexecParams(connection, "SELECT revision, message FROM migrate_upgrade($1)", 1, NULL, &target, NULL, NULL, 0);
}

static void show(const PGresult *result)
{
    static const int fields[] = {PG_DIAG_SQLSTATE, PG_DIAG_MESSAGE_PRIMARY, PG_DIAG_MESSAGE_DETAIL, PG_DIAG_MESSAGE_HINT,
                                 PG_DIAG_CONTEXT};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); ++i) {
        const char *text = PQresultErrorField(result, fields[i]);
        if (text != NULL)
            puts(text);
    }
}

static void cancel(PGconn *connection)
{
    char error[256];
    PGcancel *cancel = PQgetCancel(connection);
    if (!PQcancel(cancel, error, sizeof(error)))
        fputs(error, stderr);
    PQfreeCancel(cancel);
}

/* What follows are the tests. */

#define INDEX_UP "-- %s, %(up)s, ?, :up, $1, {fn now()}\nCREATE INDEX CONCURRENTLY by_status ON extractions (status)"
#define NOTES "Running upgrade 1975ea83b712 -> 27c6a30d7c24, add review_notes to extractions\n"
#define INITIAL "Running upgrade  -> 1975ea83b712, initial schema\n"
#define BY_STATUS "Running upgrade 27c6a30d7c24 -> 3a7fd0561820, 100 % of them by status: faster?\n"
#define WAITS                                                                                                          \
    "SELECT count(*) FROM migrate.progress WHERE revision = '3a7fd0561820' AND starts_with(phase, 'waiting for writers')"
#define REGISTER "SELECT migrate_revision(revision => $1, down_revision => $2, message => $3, up => $4, down => $5)"

static int failed = 0;
static char said[20000];
static bool pooled;

static void hear(void *context, const PGresult *notice)
{
    (void)context;
    const char *text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    if (strlen(said) + strlen(text) + 2 < sizeof(said))
        strcat(strcat(said, text), "\n");
}

static void fact(const char *what, const char *actual, const char *expected)
{
    if (strcmp(actual, expected) == 0) {
        printf("ok - %s\n", what);
        return;
    }
    ++failed;
    printf("not ok - %s\n#      got: %s\n# expected: %s\n", what, actual, expected);
}

static void is_true(const char *what, bool condition)
{
    fact(what, condition ? "true" : "false", "true");
}

static void fact_said(const char *what, const char *expected)
{
    fact(what, said, expected);
    said[0] = '\0';
}

/* The first column of a result, its rows joined by commas; of an error its SQLSTATE. Frees the result. */
static const char *column(PGresult *result)
{
    static char text[20000];
    text[0] = '\0';
    if (PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
        for (int row = 0; row < PQntuples(result); ++row)
            strcat(strcat(text, row > 0 ? "," : ""), PQgetvalue(result, row, 0));
    } else {
        const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        strcpy(text, state != NULL ? state : PQresStatus(PQresultStatus(result)));
    }
    PQclear(result);
    return text;
}

static const char *query(PGconn *connection, const char *sql)
{
    return column(PQexec(connection, sql));
}

static const char *field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text != NULL ? text : "";
}

/* An error's fields as psql shows them. Frees the result. */
static const char *shown(PGresult *result)
{
    static char text[20000];
    static const struct {
        const char *name;
        int code;
    } fields[] = {{"ERROR", PG_DIAG_MESSAGE_PRIMARY},
                  {"DETAIL", PG_DIAG_MESSAGE_DETAIL},
                  {"HINT", PG_DIAG_MESSAGE_HINT},
                  {"CONTEXT", PG_DIAG_CONTEXT}};
    text[0] = '\0';
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); ++i)
        if (PQresultErrorField(result, fields[i].code) != NULL)
            strcat(strcat(strcat(strcat(text, fields[i].name), ":  "), PQresultErrorField(result, fields[i].code)), "\n");
    PQclear(result);
    return text;
}

static char *content_of(const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    char *content = calloc(1, 20000);
    size_t length = fread(content, 1, 19999, file);
    content[length] = '\0';
    fclose(file);
    return content;
}

static bool wait_until(PGconn *connection, const char *sql, const char *expected)
{
    static const struct timespec pause = {0, 20000000};
    for (int turn = 0; turn < 1500; ++turn) {
        if (strcmp(query(connection, sql), expected) == 0)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

static void registering(const char *here)
{
    PGconn *connection = connect_to_server();
    is_true("the extension", PQresultStatus(PQexec(connection, "CREATE EXTENSION pg_migrate")) == PGRES_COMMAND_OK);
    char *initial = content_of(here, "migrations/1975ea83b712_initial_schema.sql");
    char *notes = content_of(here, "migrations/27c6a30d7c24_add_review_notes.sql");
    is_true("a file is registered", register_file(connection, initial));
    is_true("and one of two statements", register_file(connection, notes));
    fact("as they are", query(connection, "SELECT revision FROM migrate_heads()"), "27c6a30d7c24");
    is_true("to the letter", strstr(notes, query(connection, "SELECT up FROM migrate_show('27c6')")) != NULL);
    const char *by_status[] = {"3a7fd0561820", "27c6a30d7c24", "100 % of them by status: faster?", INDEX_UP,
                               "DROP INDEX CONCURRENTLY by_status"};
    fact("a revision by parameters", column(PQexecParams(connection, REGISTER, 5, NULL, by_status, NULL, NULL, 0)),
         "3a7fd0561820");
    fact("to the letter, too", query(connection, "SELECT up FROM migrate_show('head')"), INDEX_UP);
    if (pooled) {
        puts("# left out behind a pooler, for it needs a session: PQprepare()");
    } else {
        PQclear(PQprepare(connection, "register", REGISTER, 5, NULL));
        PQclear(PQprepare(connection, "up", "SELECT migrate_upgrade($1)", 1, NULL));
        PQclear(PQprepare(connection, "down", "SELECT migrate_downgrade($1)", 1, NULL));
        const char *to[] = {"27c6a30d7c24"}, *base[] = {"base"};
        bool all = true;
        for (int turn = 0; turn < 12; ++turn) {
            all = all && strcmp(column(PQexecPrepared(connection, "register", 5, by_status, NULL, NULL, 0)), "3a7fd0561820") == 0;
            PGresult *up = PQexecPrepared(connection, "up", 1, to, NULL, NULL, 0);
            PGresult *down = PQexecPrepared(connection, "down", 1, base, NULL, NULL, 0);
            all = all && PQntuples(up) == 2 && PQntuples(down) == 2;
            PQclear(up);
            PQclear(down);
        }
        is_true("prepared statements, twelve times", all);
        fact("planned for any parameters", query(connection, "SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 0"), "3");
    }
    fact("nothing is left", query(connection, "SELECT count(*) FROM migrate_current()"), "0");
    free(initial);
    free(notes);
    PQfinish(connection);
}

static void running(const char *here)
{
    PGconn *connection = connect_to_server();
    said[0] = '\0';
    PQclear(PQexec(connection, "BEGIN"));
    fact("a run belongs to the transaction", column(upgrade(connection, "27c6a30d7c24")), "1975ea83b712,27c6a30d7c24");
    fact_said("and tells what it does", INITIAL NOTES);
    PQclear(PQexec(connection, "ROLLBACK"));
    fact("after ROLLBACK nothing stays", query(connection, "SELECT count(*) FROM migrate_current()"), "0");
    fact("a row at a time", PQsendQuery(connection, "SELECT revision FROM migrate_upgrade('27c6a30d7c24')") == 1 &&
         PQsetSingleRowMode(connection) == 1 ? column(PQgetResult(connection)) : "not sent", "1975ea83b712");
    for (PGresult *rest = NULL; (rest = PQgetResult(connection)) != NULL;)
        PQclear(rest);
    fact("without BEGIN it stays", query(connection, "SELECT revision FROM migrate_current()"), "27c6a30d7c24");
    fact("history", query(connection, "SELECT revision || ' ' || is_applied FROM migrate_history()"),
         "3a7fd0561820 false,27c6a30d7c24 true,1975ea83b712 true");
    said[0] = '\0';

    char *forgotten = content_of(here, "forgotten.txt");
    PQclear(PQexec(connection, "BEGIN"));
    PGresult *result = upgrade(connection, "3a7fd0561820");
    fact("in a transaction", field(result, PG_DIAG_SQLSTATE), "25001");
    fact("the error says what to do", shown(result), forgotten);
    fact_said("and is all that there is", "");
    PQclear(PQexec(connection, "ROLLBACK"));
    fact("as the hint says, it works", column(upgrade(connection, "3a7fd0561820")), "3a7fd0561820");
    fact_said("with its notice", BY_STATUS);
    free(forgotten);

    PQclear(PQexec(connection, "BEGIN"));
    char run[32];
    snprintf(run, sizeof(run), "%s", query(connection, "SELECT migrate_start('-1', 'downgrade')"));
    PQclear(PQexec(connection, "COMMIT"));
    const char *number = run;
    fact("migrate_start() in a transaction, migrate_wait() behind it",
         column(PQexecParams(connection, "SELECT migrate_wait($1)", 1, NULL, &number, NULL, NULL, 0)), "done");
    fact("it has run", query(connection, "SELECT revision FROM migrate_current()"), "27c6a30d7c24");
    PQfinish(connection);
}

static void several_in_one_string(void)
{
    PGconn *connection = connect_to_server();
    PGresult *result = PQexec(connection, "SELECT 1; SELECT migrate_upgrade('3a7fd0561820')");
    fact("several statements of a string", field(result, PG_DIAG_SQLSTATE), "25001");
    is_true("say why", strstr(field(result, PG_DIAG_MESSAGE_DETAIL), "The query string holds other statements too") != NULL);
    is_true("and what to do", strstr(field(result, PG_DIAG_MESSAGE_HINT), "Send the call in a query string of its own") != NULL);
    PQclear(result);
    result = PQexec(connection, "SELECT migrate_upgrade('3a7fd0561820'); SELECT 1");
    fact("also as the first of them", field(result, PG_DIAG_SQLSTATE), "25001");
    PQclear(result);
    result = PQexec(connection, "BEGIN; SELECT migrate_upgrade('3a7fd0561820'); COMMIT");
    is_true("with BEGIN it is an ordinary block", strstr(field(result, PG_DIAG_MESSAGE_HINT), "Commit or roll back") != NULL);
    PQclear(result);
    PQclear(PQexec(connection, "ROLLBACK"));
    is_true("and has ended", PQtransactionStatus(connection) == PQTRANS_IDLE);
    fact("nothing has been run", query(connection, "SELECT revision FROM migrate_current()"), "27c6a30d7c24");
    PQfinish(connection);
}

/* The next result of a pipeline as column() tells it; a Sync has no column. */
static const char *next(PGconn *connection)
{
    PGresult *result = PQgetResult(connection);
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        return "Sync";
    }
    const char *text = column(result);
    PQclear(PQgetResult(connection)); /* the end of the query */
    return text;
}

static void enqueue(PGconn *connection, const char *sql)
{
    is_true(sql, PQsendQueryParams(connection, sql, 0, NULL, NULL, NULL, NULL, 0) == 1);
}

static void pipelines(void)
{
    PGconn *connection = connect_to_server();
    is_true("a pipeline", PQenterPipelineMode(connection) == 1);
    enqueue(connection, "SELECT revision FROM migrate_downgrade('1975ea83b712')");
    enqueue(connection, "SELECT revision FROM migrate_upgrade('27c6a30d7c24')");
    enqueue(connection, "SELECT revision FROM migrate_upgrade('3a7fd0561820')");
    enqueue(connection, "SELECT 1");
    PQpipelineSync(connection);
    fact("what a transaction can hold", next(connection), "27c6a30d7c24");
    fact("and once more", next(connection), "27c6a30d7c24");
    PGresult *result = PQgetResult(connection);
    fact("a worker's run behind other statements", field(result, PG_DIAG_SQLSTATE), "25001");
    is_true("the hint", strstr(field(result, PG_DIAG_MESSAGE_HINT), "Send it by itself, or first behind a Sync") != NULL);
    PQclear(result);
    PQclear(PQgetResult(connection));
    fact("the rest is left out", next(connection), "PGRES_PIPELINE_ABORTED");
    fact("to the Sync", next(connection), "Sync");
    enqueue(connection, "SELECT revision FROM migrate_upgrade('3a7fd0561820')");
    PQpipelineSync(connection);
    fact("first behind a Sync it works", next(connection), "3a7fd0561820");
    fact("to the next", next(connection), "Sync");
    PQexitPipelineMode(connection);
    fact("it is applied", query(connection, "SELECT revision FROM migrate_current()"), "3a7fd0561820");
    PQfinish(connection);
}

static void failing(void)
{
    PGconn *connection = connect_to_server();
    query(connection, "INSERT INTO contracts (title) VALUES ('rent'); INSERT INTO extractions (contract_id) VALUES (1), (1)");
    query(connection, "SELECT migrate_revision('verdicts', 'ALTER TYPE verdict ADD VALUE IF NOT EXISTS ''bad'';"
                      " ALTER TABLE extractions ADD verdict verdict DEFAULT ''bad''', 'ALTER TABLE extractions DROP verdict',"
                      " '4b80e1672931', '3a7fd0561820')");
    query(connection, "SELECT migrate_revision('one extraction per contract', 'ALTER TABLE extractions ADD reviewed_at timestamptz;\n"
                      "ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)',"
                      " 'ALTER TABLE extractions DROP CONSTRAINT one_per_contract; ALTER TABLE extractions DROP reviewed_at',"
                      " '5c91f2783a42', '4b80e1672931')");
    fact("a new value of an enumeration, used behind it", column(upgrade(connection, "4b80e1672931")), "4b80e1672931");
    said[0] = '\0';
    PGresult *result = upgrade(connection, "head");
    show(result);
    fact("a migration that fails", field(result, PG_DIAG_SQLSTATE), "23505");
    fact("as the server said it", shown(result),
         "ERROR:  could not create unique index \"one_per_contract\"\n"
         "DETAIL:  Key (contract_id)=(1) is duplicated.\n"
         "CONTEXT:  SQL statement \"ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)\"\n"
         "revision \"5c91f2783a42\", statement 2, line 2\n");
    fact_said("after its notice", "Running upgrade 4b80e1672931 -> 5c91f2783a42, one extraction per contract\n");
    fact("nothing of it stays", query(connection, "SELECT revision FROM migrate_current()"), "4b80e1672931");
    result = upgrade(connection, "xyz");
    fact("SQLSTATE of its own", field(result, PG_DIAG_SQLSTATE), "MG001");
    fact("with a hint", field(result, PG_DIAG_MESSAGE_HINT), "migrate_history() lists the revisions that are known.");
    PQclear(result);
    query(connection, "DELETE FROM extractions WHERE id = 2");
    fact("the data are mended", column(upgrade(connection, "head")), "5c91f2783a42");
    PQfinish(connection);
}

static void *call(void *connection)
{
    return upgrade(connection, "3a7fd0561820");
}

static void cancelling(void)
{
    PGconn *connection = connect_to_server(), *writer = connect_to_server(), *watcher = connect_to_server();
    query(connection, "SELECT migrate_downgrade('27c6a30d7c24')");
    query(writer, "BEGIN");
    query(writer, "LOCK TABLE extractions IN ROW EXCLUSIVE MODE");
    pthread_t caller;
    if (pthread_create(&caller, NULL, call, connection) != 0)
        exit(1);
    is_true("the index build waits", wait_until(watcher, WAITS, "1"));
    cancel(connection);
    void *result = NULL;
    pthread_join(caller, &result);
    fact("cancelled, the call ends", column(result), "57014");
    is_true("and its worker", wait_until(watcher, "SELECT count(*) FROM migrate.progress", "0"));
    fact("what is half done is known", query(watcher, "SELECT revision || ' ' || done || ' ' || running FROM migrate.journal"),
         "3a7fd0561820 0 1");
    query(writer, "ROLLBACK");
    fact("the next call goes on", column(upgrade(connection, "head")), "3a7fd0561820,4b80e1672931,5c91f2783a42");
    fact("and repairs", query(watcher, "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('by_status')"), "t");

    /* A client that is gone without a word: the connection ends in the middle of a call. */
    query(connection, "SELECT migrate_downgrade('27c6a30d7c24')");
    query(writer, "BEGIN");
    query(writer, "LOCK TABLE extractions IN ROW EXCLUSIVE MODE");
    PQsendQuery(connection, "SELECT migrate_upgrade('head')");
    PQflush(connection);
    is_true("another build waits", wait_until(watcher, WAITS, "1"));
    PQfinish(connection);
    query(writer, "ROLLBACK");
    is_true("a client that is gone leaves no worker", wait_until(watcher, "SELECT count(*) FROM migrate.progress", "0"));
    fact("and no statement in doubt", query(watcher, "SELECT count(*) FROM migrate.journal WHERE running IS NOT NULL"), "0");
    fact("the next one ends it", column(upgrade(watcher, "head")) == NULL ? "" : query(watcher, "SELECT revision FROM migrate_current()"),
         "5c91f2783a42");
    PQfinish(writer);
    PQfinish(watcher);
}

int main(int count, char **arguments)
{
    if (count != 2)
        return 2;
    pooled = getenv("DRIVERS_POOLED") != NULL && strcmp(getenv("DRIVERS_POOLED"), "1") == 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    registering(arguments[1]);
    running(arguments[1]);
    several_in_one_string();
    pipelines();
    failing();
    cancelling();
    puts("finished");
    return failed == 0 ? 0 : 1;
}
