-- A graph with two lines, a branch, a merge and a dependency, of which a part is applied; how versions follow from it.
CREATE EXTENSION pg_migrate;
SELECT count(migrate_revision(message, revision => id, down_revision => parents, branch_label => label, depends_on => needs, up => 'SELECT 1', down => ''))
FROM (VALUES ('accounts',          'a1', 'base',  'shop', NULL),
             ('orders',            'a2', 'a1',    NULL,   NULL),
             ('invoices',          'b2', 'a1',    NULL,   NULL),
             ('orders + invoices', 'a3', 'a2,b2', NULL,   NULL),
             ('reports',           'r1', 'base',  'report', 'a2'),
             ('monthly reports',   'r2', 'r1',    NULL,   NULL)) AS g (message, id, parents, label, needs);

-- Both parents of a merge, and what a line depends on, come first.
SELECT step, revision, message FROM migrate_plan('heads');

SELECT count(*) FROM migrate_upgrade('b2');
SELECT count(*) FROM migrate_upgrade('report@head');

-- A row for each applied revision on which no other applied one stands.
SELECT revision FROM migrate.version ORDER BY revision;

-- Where each line is: a2 too, for which there is no row, as r1 depends on it.
SELECT revision, message FROM migrate_current();

SELECT * FROM migrate_graph();

SELECT migrate_graph('mermaid') \g (format=unaligned tuples_only=on)

-- The rest: b2 goes up into the merge, and there is a row less for it.
SELECT revision FROM migrate_upgrade('heads');
SELECT revision FROM migrate.version ORDER BY revision;

DROP EXTENSION pg_migrate;
