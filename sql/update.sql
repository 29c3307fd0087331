-- An update from the first release leads to what a new installation has, and keeps what is there.
-- What is seen of an extension: each of its members, whole.
CREATE FUNCTION members() RETURNS TABLE (member text, part text) LANGUAGE plpgsql AS $$
DECLARE
    m record;
BEGIN
    FOR m IN
        SELECT d.classid, d.objid, i.type, i.identity
        FROM pg_extension AS e
        JOIN pg_depend AS d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
        CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) AS i
        WHERE e.extname = 'pg_migrate'
    LOOP
        member := m.type || ' ' || m.identity;
        RETURN QUERY SELECT member, 'comment ' || obj_description(m.objid, m.classid::regclass::text::name);
        RETURN QUERY SELECT member, 'first rights ' || p.initprivs::text FROM pg_init_privs AS p WHERE (p.classoid, p.objoid) = (m.classid, m.objid);
        IF m.classid = 'pg_proc'::regclass THEN
            RETURN QUERY SELECT member, concat_ws(' ', pg_get_functiondef(p.oid), p.proowner::regrole, p.proacl) FROM pg_proc AS p WHERE p.oid = m.objid;
        ELSIF m.classid = 'pg_class'::regclass THEN
            RETURN QUERY SELECT member, concat_ws(' ', c.relkind, c.relpersistence, c.relowner::regrole, c.relacl, c.reloptions, c.relreplident, c.relrowsecurity, pg_get_viewdef(c.oid))
                FROM pg_class AS c WHERE c.oid = m.objid;
            RETURN QUERY SELECT member, concat_ws(' ', 'column', a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                                                  pg_get_expr(v.adbin, v.adrelid), a.attacl, col_description(a.attrelid, a.attnum))
                FROM pg_attribute AS a LEFT JOIN pg_attrdef AS v ON (v.adrelid, v.adnum) = (a.attrelid, a.attnum) WHERE a.attrelid = m.objid AND a.attnum > 0;
            RETURN QUERY SELECT member, concat_ws(' ', 'constraint', c.conname, pg_get_constraintdef(c.oid)) FROM pg_constraint AS c WHERE c.conrelid = m.objid;
            RETURN QUERY SELECT member, pg_get_indexdef(i.indexrelid) FROM pg_index AS i WHERE i.indrelid = m.objid;
            RETURN QUERY SELECT member, pg_get_triggerdef(t.oid) FROM pg_trigger AS t WHERE t.tgrelid = m.objid AND NOT t.tgisinternal;
        ELSIF m.classid = 'pg_namespace'::regclass THEN
            RETURN QUERY SELECT member, concat_ws(' ', n.nspowner::regrole, n.nspacl) FROM pg_namespace AS n WHERE n.oid = m.objid;
        ELSIF m.classid <> 'pg_type'::regclass THEN
            RAISE EXCEPTION 'what is %?', member;
        END IF;
    END LOOP;
    RETURN QUERY SELECT 'extension', concat_ws(' ', e.extversion, e.extrelocatable, e.extowner::regrole,
                                               (SELECT array_agg(t::regclass ORDER BY t) FROM unnest(e.extconfig) AS t), e.extcondition)
        FROM pg_extension AS e WHERE e.extname = 'pg_migrate';
END $$;

CREATE ROLE regress_first_author;
CREATE ROLE regress_first_viewer;
CREATE EXTENSION pg_migrate VERSION '0.1';
SELECT migrate_revision('first', revision => 'aaaa1111', down_revision => 'base', up => 'CREATE TABLE t (id int)', down => 'DROP TABLE t');
SELECT migrate_grant('regress_first_author', 'author');
SELECT migrate_grant('regress_first_viewer', 'viewer');
SELECT revision FROM migrate_upgrade('head');
SELECT migrate_import_alembic('');

ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO regress_first_viewer;
ALTER EXTENSION pg_migrate UPDATE;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM regress_first_viewer;
SELECT revision, is_head FROM migrate_current();
SELECT has_function_privilege('regress_first_viewer', 'migrate_import_alembic(text, text)', 'EXECUTE') AS viewer,
       has_function_privilege('regress_first_author', 'migrate_import_alembic(text, text)', 'EXECUTE') AS author;
SELECT migrate_grant('regress_first_author', 'author');
SELECT has_function_privilege('regress_first_author', 'migrate_import_alembic(text, text)', 'EXECUTE') AS author;
SELECT revision FROM migrate_downgrade('base');
DROP EXTENSION pg_migrate;
DROP ROLE regress_first_author, regress_first_viewer;

-- The same members, word for word.
CREATE EXTENSION pg_migrate VERSION '0.1';
ALTER EXTENSION pg_migrate UPDATE;
CREATE TABLE updated AS SELECT * FROM members();
DROP EXTENSION pg_migrate;
CREATE EXTENSION pg_migrate;
CREATE TABLE installed AS SELECT * FROM members();
SELECT count(*) > 200 AS all_were_looked_at FROM installed;
SELECT 'only after an update', * FROM (SELECT * FROM updated EXCEPT ALL SELECT * FROM installed) AS u
UNION ALL
SELECT 'only when installed', * FROM (SELECT * FROM installed EXCEPT ALL SELECT * FROM updated) AS i;
DROP EXTENSION pg_migrate;
DROP TABLE updated, installed;
DROP FUNCTION members;
