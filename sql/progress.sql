-- What a run shows of itself while it runs, seen by its own scripts; how others see it is in the isolation specs.
CREATE EXTENSION pg_migrate;
SET client_min_messages = warning;

CREATE TABLE seen AS
    SELECT 0 AS nr, p.* FROM migrate.progress AS p;
CREATE VIEW seen_shown AS
    SELECT nr, pid = pg_backend_pid() AS own, run, direction, schema_name, revision, step, steps, statement, statements, phase,
           done, total, blocked_by, started_at <= statement_started_at AS started_before
    FROM seen;

-- A row per run: which revision, which statement. A revision without statements counts as a step.
SELECT migrate_revision(revision => 'a', down_revision => 'base', message => '', down => '',
    up => 'INSERT INTO public.seen SELECT 1, p.* FROM migrate.progress AS p');
SELECT migrate_revision(revision => 'b', down_revision => 'a', message => '', up => '', down => '');
SELECT migrate_revision(revision => 'c', down_revision => 'b', message => '',
    up => 'INSERT INTO public.seen SELECT 2, p.* FROM migrate.progress AS p; SELECT 1; INSERT INTO public.seen SELECT 3, p.* FROM migrate.progress AS p',
    down => 'SELECT 1; INSERT INTO public.seen SELECT 4, p.* FROM migrate.progress AS p');
SELECT revision FROM migrate_upgrade('head');
SELECT revision FROM migrate_downgrade('-1');
SELECT * FROM seen_shown ORDER BY nr;
SELECT nr, run.operation
FROM seen JOIN migrate.run ON run.run = seen.run AND seen.started_at BETWEEN run.started_at AND run.finished_at AND seen.pid = run.pid
ORDER BY nr;

-- Nothing is left when it is over, neither row nor lock, though the transaction goes on.
BEGIN;
SELECT revision FROM migrate_upgrade('head');
SELECT count(*) FROM migrate.progress;
SELECT objsubid FROM pg_locks WHERE locktype = 'object' AND objsubid <> 0 AND pid = pg_backend_pid() ORDER BY 1;
ROLLBACK;
SELECT migrate_revision(revision => 'd', down_revision => 'c', message => '',
    up => 'INSERT INTO public.seen SELECT 5, p.* FROM migrate.progress AS p; SELECT 1/0');
BEGIN;
DO $$
BEGIN
    PERFORM migrate_upgrade('head');
EXCEPTION WHEN division_by_zero THEN
    RAISE WARNING '%', SQLERRM;
END $$;
SELECT count(*) FROM migrate.progress;
SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objsubid <> 0;
ROLLBACK;
SELECT revision FROM migrate_upgrade('head');
SELECT count(*) FROM migrate.progress;
SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objsubid <> 0;

-- The longest names there are, and a line of a schema.
TRUNCATE seen;
SELECT migrate_remove('d');
SELECT format('CREATE SCHEMA %I', repeat('s', 63)) \gexec
SELECT length(migrate_revision(revision => repeat('r', 255), down_revision => 'c', message => '',
    up => 'INSERT INTO public.seen SELECT 6, p.* FROM migrate.progress AS p'));
SELECT count(*) FROM migrate_upgrade('head', schema => repeat('s', 63)::name);
SELECT nr, schema_name = repeat('s', 63) AS whole_schema, revision = repeat('r', 255) AS whole_revision, step, steps FROM seen WHERE nr = 6;
SELECT format('DROP SCHEMA %I', repeat('s', 63)) \gexec

-- Where the server counts, its own phase and counts are shown. These functions are called in the middle of a command.
TRUNCATE seen;
CREATE FUNCTION look(label text, i integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    line record;
BEGIN
    PERFORM pg_catalog.pg_stat_clear_snapshot();
    SELECT phase, done, total INTO line FROM migrate.progress;
    RAISE WARNING '%: %, % of %', label, line.phase, line.done, line.total;
    RETURN i;
END $$;
CREATE TABLE counted (i integer);
INSERT INTO counted VALUES (1);
SELECT migrate_revision(revision => 'e', down_revision => repeat('r', 255), message => '',
    up => $up$
        CREATE INDEX counted_idx ON public.counted (public.look('CREATE INDEX', i));
        REINDEX INDEX public.counted_idx;
        ANALYZE public.counted;
        CREATE INDEX counted_plain ON public.counted (i);
        CLUSTER public.counted USING counted_plain;
        COPY (SELECT public.look('COPY', i) FROM public.counted) TO '/dev/null';
        SELECT public.look('SELECT', 1);
    $up$);
SELECT revision FROM migrate_upgrade('e') WHERE revision = 'e';

-- Who may look: nobody without a level, any level otherwise; and it is a right of its own.
CREATE ROLE regress_progress_viewer;
CREATE ROLE regress_progress_author;
SET ROLE regress_progress_viewer;
SELECT count(*) FROM migrate.progress;
SELECT count(*) FROM migrate_progress();
RESET ROLE;
SELECT migrate_grant('regress_progress_viewer', 'viewer');
SELECT migrate_grant('regress_progress_author', 'author');
SET ROLE regress_progress_viewer;
SELECT count(*) FROM migrate.progress;
INSERT INTO migrate.progress (pid) VALUES (1);
RESET ROLE;
SET ROLE regress_progress_author;
SELECT count(*) FROM migrate.progress;
RESET ROLE;
REVOKE EXECUTE ON FUNCTION migrate_progress() FROM regress_progress_viewer;
SET ROLE regress_progress_viewer;
SELECT count(*) FROM migrate.progress;
RESET ROLE;
GRANT EXECUTE ON FUNCTION migrate_progress() TO regress_progress_viewer;
SELECT migrate_revoke('regress_progress_viewer', 'viewer');
SELECT migrate_revoke('regress_progress_author', 'author');
SET ROLE regress_progress_viewer;
SELECT count(*) FROM migrate.progress;
RESET ROLE;

-- A board outlasts the transactions of the process that keeps it; one that an error ends takes its lock away until the next change.
CREATE EXTENSION pgm_test;
SET client_min_messages = notice;
CALL pgm_test_board();
SELECT count(*) FROM pg_locks WHERE locktype = 'object' AND objsubid <> 0;
SET client_min_messages = warning;
DROP EXTENSION pgm_test;

-- It can be looked at in a transaction that reads only.
BEGIN READ ONLY;
SELECT count(*) FROM migrate.progress;
COMMIT;

DROP OWNED BY regress_progress_viewer, regress_progress_author;
DROP ROLE regress_progress_viewer, regress_progress_author;
DROP TABLE counted;
DROP FUNCTION look(text, integer);
DROP VIEW seen_shown;
DROP TABLE seen;
DROP EXTENSION pg_migrate;
