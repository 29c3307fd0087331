-- What default privileges of the installing role have granted to others is taken back, on every object: who may do what
-- is for migrate_grant to say.
DO $$
DECLARE
    grantee record;
BEGIN
    FOR grantee IN
        SELECT DISTINCT o.kind, o.name, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS role
        FROM pg_extension AS e
        JOIN pg_depend AS d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
        JOIN LATERAL (
            SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, c.relowner, c.relacl
            FROM pg_class AS c WHERE d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'v', 'S')
            UNION ALL
            SELECT 'FUNCTION', p.oid::regprocedure::text, p.proowner, p.proacl
            FROM pg_proc AS p WHERE d.classid = 'pg_proc'::regclass AND p.oid = d.objid
            UNION ALL
            SELECT 'SCHEMA', quote_ident(n.nspname), n.nspowner, n.nspacl
            FROM pg_namespace AS n WHERE d.classid = 'pg_namespace'::regclass AND n.oid = d.objid
        ) AS o (kind, name, owner, acl) ON true
        CROSS JOIN LATERAL aclexplode(o.acl) AS a
        WHERE e.extname = 'pg_migrate' AND a.grantee <> o.owner
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s', grantee.kind, grantee.name, grantee.role);
    END LOOP;
END $$;
