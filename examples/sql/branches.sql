-- Two people add a revision to the same parent; branches that live on, with labels; dependencies between branches.
CREATE EXTENSION pg_migrate;
SELECT migrate_revision('initial schema', 'CREATE TABLE extractions (id bigint)', 'DROP TABLE extractions',
                        revision => '1975ea83b712', down_revision => 'base');

SELECT migrate_revision('add review_notes', 'ALTER TABLE extractions ADD COLUMN review_notes text',
                        'ALTER TABLE extractions DROP COLUMN review_notes',
                        revision => '27c6a30d7c24', down_revision => '1975ea83b712');
SELECT migrate_revision('add reviewed_at', 'ALTER TABLE extractions ADD COLUMN reviewed_at timestamptz',
                        'ALTER TABLE extractions DROP COLUMN reviewed_at',
                        revision => '8e0ac3d15f77', down_revision => '1975ea83b712');

SELECT * FROM migrate_upgrade('head');

SELECT revision, message FROM migrate_heads();
SELECT revision, message FROM migrate_branches();

-- Join them.
SELECT migrate_merge(message => 'merge the reviews', revision => '9f1bd4e26088');

SELECT revision, message, statements FROM migrate_upgrade('head');

SELECT * FROM migrate_graph();

-- A line of its own for reports, with a label, that needs the reviews to be there.
SELECT migrate_revision('report table', 'CREATE TABLE reports (id bigint)', 'DROP TABLE reports',
                        revision => 'a02ce5f37199', down_revision => 'base',
                        branch_label => 'reports', depends_on => '9f1bd4e26088');
SELECT migrate_revision('report title', 'ALTER TABLE reports ADD COLUMN title text', 'ALTER TABLE reports DROP COLUMN title',
                        revision => 'b13df60482aa', down_revision => 'a02ce5f37199');

SELECT revision, message FROM migrate_upgrade('reports@head');

SELECT revision, message FROM migrate_current();

SELECT * FROM migrate_graph();

SELECT revision, message FROM migrate_downgrade('reports@base');

SELECT revision, message FROM migrate_upgrade('heads');

SELECT revision, message FROM migrate_downgrade('base');
DROP EXTENSION pg_migrate;
