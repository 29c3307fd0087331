-- What a reviewer looks at before a revision is merged.
CREATE EXTENSION pg_migrate;
CREATE TABLE extractions (id bigint PRIMARY KEY, status text);
INSERT INTO extractions SELECT i, 'new' FROM generate_series(1, 1000) AS i;
SELECT migrate_revision('review notes', revision => '27c6a30d7c24', down_revision => 'base',
    up => 'ALTER TABLE extractions ADD COLUMN review_notes varchar(500); CREATE INDEX extractions_status ON extractions (status);',
    down => 'ALTER TABLE extractions DROP COLUMN review_notes;');

-- What it would do, statement by statement.
SELECT revision, statement, transactional, sql FROM migrate_plan('head');

-- Does its way back lead back? Run up, down and up again, compared at each turn, and rolled back.
SELECT * FROM migrate_verify();

-- Its effect on the real rows, and the locks that it holds, without keeping any of it.
BEGIN;
SELECT revision FROM migrate_upgrade('head');
SELECT l.relation::regclass, l.mode FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
ORDER BY 1, 2;
SELECT count(*) FILTER (WHERE review_notes IS NULL) AS without_notes FROM extractions;
ROLLBACK;

-- The way back, written by pg_migrate.
SELECT migrate_derive_down('head');
SELECT * FROM migrate_verify();

DROP TABLE extractions;
DROP EXTENSION pg_migrate;
