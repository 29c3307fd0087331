-- Plans and version rows as Alembic has them: a table of commands, each with the rows before, the steps, and the rows after or the error.
CREATE EXTENSION pg_migrate;

-- Sets the version rows, plans, runs. The steps of the plan must be those of the run.
CREATE FUNCTION golden(direction text, target text, rows_before text, OUT steps text, OUT rows_after text)
LANGUAGE plpgsql AS $$
DECLARE
    ran text;
BEGIN
    PERFORM migrate_stamp(nullif(rows_before, ''), purge => true);
    BEGIN
        SELECT string_agg(revision, ' ' ORDER BY step) INTO steps FROM migrate_plan(target, direction);
        EXECUTE format('SELECT string_agg(revision, '' '' ORDER BY n) FROM migrate_%s($1) WITH ORDINALITY AS x(revision, d, m, s, t, n)', direction)
            INTO ran USING target;
        IF ran IS DISTINCT FROM steps THEN
            RAISE EXCEPTION 'planned %, but ran %', steps, ran;
        END IF;
        SELECT coalesce(string_agg(revision, ',' ORDER BY revision), 'none') INTO rows_after FROM migrate.version;
    EXCEPTION WHEN OTHERS THEN
        rows_after := SQLSTATE || ' ' || SQLERRM;
    END;
END $$;
-- The same for stamp: what is done to the rows.
CREATE FUNCTION golden_stamp(target text, rows_before text, OUT changes text, OUT rows_after text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM migrate_stamp(nullif(rows_before, ''), purge => true);
    BEGIN
        SELECT string_agg(action || ' ' || revision, ', ' ORDER BY n) INTO changes
        FROM migrate_stamp(nullif(target, '')) WITH ORDINALITY AS x(revision, action, n);
        SELECT coalesce(string_agg(revision, ',' ORDER BY revision), 'none') INTO rows_after FROM migrate.version;
    EXCEPTION WHEN OTHERS THEN
        rows_after := SQLSTATE || ' ' || SQLERRM;
    END;
END $$;
SET client_min_messages = warning;

-- G1: a line that forks into two labelled branches.
SELECT migrate_revision('', '', '', id, parent, label) AS g1 FROM (VALUES
    ('aaaa1111', 'base', NULL), ('bbbb2222', 'aaaa1111', NULL), ('cccc3333', 'bbbb2222', 'lab1'), ('cccc4444', 'bbbb2222', 'lab2'),
    ('dddd5555', 'cccc3333', NULL), ('eeee6666', 'cccc4444', NULL)) g(id, parent, label);
\pset format wrapped
\pset columns 200
SELECT 'up' AS go, target, rows_before, g.*
FROM (VALUES ('heads', ''), ('head', ''), ('lab1@head', ''), ('lab1', 'aaaa1111'), ('+1', 'bbbb2222'), ('lab1@+2', 'aaaa1111'),
             ('lab2@+1', 'cccc3333'), ('+1', 'cccc3333,cccc4444'), ('+2', 'cccc3333'), ('cccc', ''), ('lab1@head-1', 'bbbb2222')) c(target, rows_before),
     golden('upgrade', target, rows_before) g;
SELECT 'down' AS go, target, rows_before, g.*
FROM (VALUES ('-1', 'dddd5555,eeee6666'), ('base', 'dddd5555,eeee6666'), ('bbbb', 'dddd5555,eeee6666'), ('lab1@bbbb2222', 'dddd5555,eeee6666'),
             ('cccc3333@base', 'dddd5555,eeee6666'), ('lab1@-2', 'cccc3333,cccc4444'), ('cccc4444-9', ''), ('cccc4444-9', 'dddd5555,eeee6666'),
             ('cccc3333', 'aaaa1111')) c(target, rows_before),
     golden('downgrade', target, rows_before) g;
SELECT 'stamp' AS go, target, rows_before, g.*
FROM (VALUES ('heads', 'bbbb2222'), ('bbbb2222', 'dddd5555,eeee6666'), ('lab1@base', 'dddd5555,eeee6666')) c(target, rows_before),
     golden_stamp(target, rows_before) g;
-- More of the same rules: targets at or below the rows, siblings, absolute and relative forms with names.
SELECT 'up' AS go, target, rows_before, g.*
FROM (VALUES ('base', 'bbbb2222'), ('aaaa1111', 'bbbb2222'), ('bbbb2222', 'bbbb2222'), ('lab2', 'cccc3333'), ('lab2@heads', ''), ('heads', 'dddd5555'),
             ('aaaa+1', ''), ('lab1@head', 'eeee6666'), ('cccc3333@head', ''), ('eeee6666@lab2', ''), ('lab1@eeee6666', ''), ('nolabel@head', ''),
             ('-1', 'bbbb2222'), ('+0', 'bbbb2222'), ('+1', ''), ('+2', ''), ('+3', ''), ('bbbb2222+1', ''), ('lab1@bbbb2222+1', 'aaaa1111'),
             ('dddd-1', ''), ('lab1@+9', 'aaaa1111'), ('aaaa1111:bbbb2222', ''), ('a', ''), ('z', ''), ('current', 'aaaa1111')) c(target, rows_before),
     golden('upgrade', target, rows_before) g;
SELECT 'down' AS go, target, rows_before, g.*
FROM (VALUES ('-2', 'bbbb2222'), ('-3', 'bbbb2222'), ('-0', 'bbbb2222'), ('+1', 'bbbb2222'), ('bbbb2222', 'bbbb2222'), ('eeee-1', 'eeee6666'),
             ('lab2@-1', 'dddd5555,eeee6666'), ('lab1@-1', 'eeee6666'), ('lab1@base', 'dddd5555,eeee6666'), ('head', 'dddd5555'), ('aaaa1111', 'dddd5555,eeee6666'),
             ('base', ''), ('-1', ''), ('zzzz', 'bbbb2222'), ('bbbb2222:base', 'bbbb2222')) c(target, rows_before),
     golden('downgrade', target, rows_before) g;

-- The rows after each single step, as the script of the next step finds them.
CREATE TABLE trace (number int GENERATED ALWAYS AS IDENTITY, revision text, found text);
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT count(migrate_edit(revision, script, script)) AS edited
FROM migrate.revision,
     format($$INSERT INTO trace (revision, found) SELECT %L, coalesce(string_agg(revision, ',' ORDER BY revision), 'none') FROM migrate.version$$, revision) script;
SELECT count(*) FROM migrate_upgrade('heads');
SELECT revision AS upgrade_to, found AS rows_before FROM trace ORDER BY number;
DELETE FROM trace;
SELECT count(*) FROM migrate_downgrade('base');
SELECT revision AS downgrade_of, found AS rows_before FROM trace ORDER BY number;
DELETE FROM trace;
SELECT count(migrate_remove(r)) FROM unnest(ARRAY['eeee6666', 'dddd5555', 'cccc4444', 'cccc3333', 'bbbb2222', 'aaaa1111']) r;

-- G2: two lines of which one depends on the other.
SELECT migrate_revision('', script, script, id, parent, NULL, depends_on) AS g2
FROM (VALUES ('aaaa', 'base', NULL), ('bbbb', 'aaaa', NULL), ('cccc', 'base', NULL), ('dddd', 'cccc', 'bbbb')) g(id, parent, depends_on),
     format($$INSERT INTO trace (revision, found) SELECT %L, coalesce(string_agg(revision, ',' ORDER BY revision), 'none') FROM migrate.version$$, id) script;
SELECT 'up' AS go, target, rows_before, g.*
FROM (VALUES ('head', ''), ('heads', ''), ('dddd@+1', '')) c(target, rows_before), golden('upgrade', target, rows_before) g;
SELECT 'down' AS go, target, rows_before, g.*
FROM (VALUES ('-1', 'dddd'), ('cccc@base', 'dddd'), ('aaaa@base', 'dddd'), ('bbbb', 'dddd')) c(target, rows_before), golden('downgrade', target, rows_before) g;
DELETE FROM trace;
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT count(*) FROM migrate_upgrade('heads');
SELECT revision AS upgrade_to, found AS rows_before FROM trace ORDER BY number;
-- A history whose lower end is reached through a dependency only is a list, not a failure.
SELECT string_agg(revision, ' ' ORDER BY n) AS history FROM migrate_history('aaaa:') WITH ORDINALITY AS x(revision, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, n);
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT count(migrate_remove(r)) FROM unnest(ARRAY['dddd', 'cccc', 'bbbb', 'aaaa']) r;

-- G3: a diamond.
SELECT migrate_revision('', '', '', id, parent) AS g3
FROM (VALUES ('aaaa', 'base'), ('bbb1', 'aaaa'), ('bbb2', 'aaaa'), ('cccc', 'bbb1,bbb2'), ('dddd', 'cccc')) g(id, parent);
SELECT 'up' AS go, target, rows_before, g.*
FROM (VALUES ('head', ''), ('+1', 'bbb1')) c(target, rows_before), golden('upgrade', target, rows_before) g;
SELECT 'down' AS go, target, rows_before, g.*
FROM (VALUES ('-1', 'cccc'), ('bbb1', 'dddd'), ('bbb1@aaaa', 'dddd'), ('aaaa', 'dddd')) c(target, rows_before), golden('downgrade', target, rows_before) g;
-- Several targets out of a merge, of which Alembic dies.
SELECT 'stamp' AS go, target, rows_before, g.*
FROM (VALUES ('bbb1,bbb2', 'cccc'), ('bbb1,bbb2', 'dddd'), ('cccc', 'bbb1,bbb2'), ('dddd,aaaa', '')) c(target, rows_before), golden_stamp(target, rows_before) g;
SELECT count(*) FROM migrate_stamp('base', purge => true);

-- Where Alembic dies with an AssertionError there is an error that says what is wrong.
SELECT 'up' AS go, target, rows_before, g.rows_after
FROM (VALUES ('aaaa+9', ''), ('aaaa-9', ''), ('', '')) c(target, rows_before), golden('upgrade', target, rows_before) g;
SELECT 'down' AS go, target, rows_before, g.rows_after
FROM (VALUES ('bbb1@-1', 'bbb2'), ('bbb1@-1', ''), ('aaaa@-1', 'bbb1,bbb2'), ('', 'aaaa')) c(target, rows_before), golden('downgrade', target, rows_before) g;
CREATE FUNCTION failure(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE command;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT range, failure(format('SELECT migrate_upgrade_sql(%L)', range)), failure(format('SELECT migrate_downgrade_sql(%L)', range)) AS downgrade_failure
FROM unnest(ARRAY[':head', 'aaaa:', 'aaaa:bbb1:bbb2', ':']) range;
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT count(migrate_remove(r)) FROM unnest(ARRAY['dddd', 'cccc', 'bbb2', 'bbb1', 'aaaa']) r;

-- A merge with a parent that a dependency of the other implies: Alembic's KeyError.
SELECT migrate_revision('', '', '', id, parent, NULL, depends_on) AS redundant
FROM (VALUES ('r000', 'base', NULL), ('r111', 'base', NULL), ('r222', 'base', 'r000'), ('r333', 'r000,r111', 'r222')) g(id, parent, depends_on);
SELECT 'up' AS go, target, rows_before, g.* FROM (VALUES ('heads', '')) c(target, rows_before), golden('upgrade', target, rows_before) g;
SELECT 'down' AS go, target, rows_before, g.* FROM (VALUES ('base', 'r333'), ('r333-1', 'r333'), ('r111', 'r333')) c(target, rows_before), golden('downgrade', target, rows_before) g;
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT count(migrate_remove(r)) FROM unnest(ARRAY['r333', 'r222', 'r111', 'r000']) r;

-- The order of dependencies is the declared one, and ties are broken by the bytes of the ids, not by the time of registration.
SELECT migrate_revision('', '', '', id, parent, NULL, depends_on) AS declared
FROM (VALUES ('zzzz', 'base', 'kkkk,cccc,pppp'), ('pppp', 'base', NULL), ('cccc', 'base', NULL), ('kkkk', 'base', NULL)) g(id, parent, depends_on);
SELECT string_agg(revision, ' ' ORDER BY step) AS plan FROM migrate_plan('heads');
SELECT count(migrate_remove(r)) FROM unnest(ARRAY['zzzz', 'pppp', 'cccc', 'kkkk']) r;
SELECT migrate_revision('', '', '', id, 'base') AS roots FROM unnest(ARRAY['b', 'C', 'a', '_', 'Z', '1', 'é', 'ab']) id;
SELECT string_agg(revision, ' ' ORDER BY step) AS plan FROM migrate_plan('heads');

RESET client_min_messages;
DROP TABLE trace;
DROP FUNCTION golden(text, text, text);
DROP FUNCTION golden_stamp(text, text);
DROP FUNCTION failure(text);
DROP EXTENSION pg_migrate;
