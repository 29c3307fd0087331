-- Pictures of the graph: as text with lanes, for Graphviz, for Mermaid.
CREATE EXTENSION pg_migrate;
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;

-- Nothing to draw.
SELECT count(*) FROM migrate_graph();
SELECT * FROM migrate_graph('dot');
SELECT * FROM migrate_graph('mermaid');

-- A line, the newest on top, with what is current and what is the head.
SELECT migrate_revision('first', revision => 'aaaa1111', down_revision => 'base');
SELECT migrate_revision('second', revision => 'bbbb1111', down_revision => 'aaaa1111');
SELECT migrate_revision('third', revision => 'cccc1111', down_revision => 'bbbb1111');
SELECT * FROM migrate_graph();
SELECT count(*) FROM migrate_upgrade('bbbb1111');
SELECT * FROM migrate_graph();
SELECT * FROM migrate_graph('text');
SELECT * FROM migrate_graph('dot');
SELECT * FROM migrate_graph('mermaid');
SELECT count(*) FROM migrate_upgrade('head');
SELECT * FROM migrate_graph();

-- A fork and a merge, a line of its own, a dependency, labels.
SELECT migrate_revision('left', revision => 'dddd1111', down_revision => 'cccc1111', branch_label => 'left_branch');
SELECT migrate_revision('right', revision => 'dddd2222', down_revision => 'cccc1111', branch_label => 'right_branch,other_name');
SELECT migrate_revision('further left', revision => 'eeee1111', down_revision => 'dddd1111');
SELECT migrate_merge('eeee1111,dddd2222', 'joined', revision => 'ffff1111');
SELECT migrate_revision('library', revision => 'llll1111', down_revision => 'base', branch_label => 'library');
SELECT migrate_revision('depends', revision => 'gggg1111', down_revision => 'ffff1111', depends_on => 'library');
SELECT count(*) FROM migrate_upgrade('dddd2222');
SELECT count(*) FROM migrate_upgrade('dddd1111');
SELECT * FROM migrate_graph();
SELECT * FROM migrate_graph('dot');
SELECT * FROM migrate_graph('mermaid');
-- Every revision is drawn once, each of its edges too.
SELECT count(*), count(DISTINCT r) FROM migrate_graph() line, regexp_matches(line, '[a-z]{4}[0-9]{4}', 'g') m(r) WHERE line ~ '^[ |\\/_]*\*';
SELECT count(*) FROM migrate_graph('dot') line WHERE line ~ '->';
SELECT sum(cardinality(down_revision) + cardinality(depends_on)) FROM migrate_history();

-- Messages and ids that the formats would stumble over: quotation marks, brackets, line breaks, backslashes, arrows, entities.
SELECT migrate_revision(E'"quoted" \\ back; [x] {y} (z) <b>&amp;</b> #35; --> |\nsecond line\twith a tab', revision => 'x"y[z', down_revision => 'gggg1111');
SELECT migrate_revision('ä漢字🐘', revision => 'ünïcode', down_revision => 'x"y[z');
SELECT line FROM migrate_graph() line LIMIT 2;
SELECT line FROM migrate_graph('dot') line WHERE line ~ 'x|nïcode';
SELECT line FROM migrate_graph('mermaid') line WHERE line ~ 'second|nïcode|quot';
-- A missing parent is shown as missing.
SELECT migrate_revision('orphan', revision => 'oooo1111', down_revision => 'nowhere1');
SELECT line FROM migrate_graph() line WHERE line ~ 'oooo|nowhere';
SELECT line FROM migrate_graph('dot') line WHERE line ~ 'oooo|nowhere';
SELECT line FROM migrate_graph('mermaid') line WHERE line ~ 'orphan|nowhere';
SELECT migrate_remove('oooo1111');

-- Errors.
SELECT * FROM migrate_graph('svg');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migrate_graph('');
SELECT * FROM migrate_graph('TEXT');
SELECT * FROM migrate_graph(NULL);
\echo :LAST_ERROR_SQLSTATE

\pset tuples_only off
\pset format aligned
DROP EXTENSION pg_migrate;
