-- Scripts that try to gain rights: by the role, by the session, by wrappers. Whoever wrote them, they have the rights of
-- who runs them.
CREATE ROLE pgm_low;
CREATE ROLE pgm_boss SUPERUSER;
CREATE ROLE pgm_friend;
CREATE ROLE pgm_dba;
GRANT pgm_friend TO pgm_low;
CREATE EXTENSION pg_migrate;
SELECT migrate_grant('pgm_low', 'operator'), migrate_grant('pgm_low', 'author'), migrate_grant('pgm_dba', 'operator');
CREATE SCHEMA low AUTHORIZATION pgm_low;
GRANT ALL ON SCHEMA low TO pgm_friend, pgm_dba;
CREATE TABLE low.proof (number int GENERATED ALWAYS AS IDENTITY, who name DEFAULT current_user, superuser boolean, what text);
GRANT ALL ON low.proof TO PUBLIC;
CREATE FUNCTION low.prove(what text) RETURNS void LANGUAGE sql
    BEGIN ATOMIC INSERT INTO low.proof (superuser, what) SELECT rolsuper, what FROM pg_roles WHERE rolname = current_user; END;
CREATE TABLE attack (number int GENERATED ALWAYS AS IDENTITY, statement text);
GRANT SELECT ON attack TO PUBLIC;
INSERT INTO attack (statement) VALUES
    ('SELECT 1'),
    ('RESET ROLE'),
    ('SET ROLE NONE'),
    ('SET LOCAL ROLE NONE'),
    ('SET ROLE TO DEFAULT'),
    ('SET ROLE pgm_friend'),
    ('SET ROLE pgm_boss'),
    ('SET LOCAL ROLE ''pgm_boss'''),
    ('SET SESSION ROLE pgm_boss'),
    ('SET ROLE pg_write_all_data'),
    ('SET SESSION AUTHORIZATION pgm_boss'),
    ('SET SESSION AUTHORIZATION pgm_low'),
    ('SET LOCAL SESSION AUTHORIZATION pgm_boss'),
    ('SET SESSION AUTHORIZATION DEFAULT'),
    ('RESET SESSION AUTHORIZATION'),
    ('RESET ALL'),
    ('SELECT set_config(''role'', ''pgm_boss'', false)'),
    ('SELECT set_config(''role'', ''none'', true)'),
    ('SELECT set_config(''role'', ''pgm_friend'', false)'),
    ('SELECT set_config(''ROLE'', ''none'', false)'),
    ('SELECT set_config(''session_authorization'', ''pgm_boss'', false)'),
    ('SELECT set_config(''is_superuser'', ''on'', false)'),
    ('UPDATE pg_settings SET setting = ''none'' WHERE name = ''role'''),
    ('DO ''BEGIN SET ROLE pgm_boss; END'''),
    ('DO ''BEGIN RESET ROLE; END'''),
    ('DO ''BEGIN SET LOCAL ROLE NONE; END'''),
    ('DO ''BEGIN EXECUTE $$RESET SESSION AUTHORIZATION$$; END'''),
    ('DO ''BEGIN PERFORM set_config($$role$$, $$none$$, true); END'''),
    ('DO ''BEGIN RESET ROLE; EXCEPTION WHEN OTHERS THEN NULL; END'''),
    ('CREATE FUNCTION low.f() RETURNS void LANGUAGE plpgsql SET role = pgm_boss AS ''BEGIN PERFORM low.prove($$inside$$); END''; SELECT low.f()'),
    ('CREATE FUNCTION low.f() RETURNS void LANGUAGE plpgsql SET role = none AS ''BEGIN PERFORM low.prove($$inside$$); END''; SELECT low.f()'),
    ('CREATE FUNCTION low.f() RETURNS void LANGUAGE plpgsql SET session_authorization = pgm_boss AS ''BEGIN PERFORM low.prove($$inside$$); END''; SELECT low.f()'),
    ('CREATE FUNCTION low.f() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS ''BEGIN RESET ROLE; END''; SELECT low.f()'),
    ('CREATE PROCEDURE low.p() LANGUAGE plpgsql AS ''BEGIN SET ROLE NONE; END''; CALL low.p()'),
    ('CREATE VIEW low.v AS SELECT low.prove(''view''); SELECT * FROM low.v'),
    ('PREPARE p AS SELECT low.prove(''prepared''); EXECUTE p; DEALLOCATE p'),
    ('ALTER ROLE pgm_low SET role = pgm_boss'),
    ('ALTER ROLE pgm_low SUPERUSER'),
    ('GRANT pgm_boss TO pgm_low'),
    ('CREATE TABLE low.t (i int); CREATE FUNCTION low.f() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RESET ROLE; RETURN NEW; END'';
      CREATE TRIGGER t AFTER INSERT ON low.t FOR EACH ROW EXECUTE FUNCTION low.f(); INSERT INTO low.t VALUES (1)'),
    ('UPDATE migrate.log SET applied_by = ''x'''),
    ('SET ROLE pgm_friend; RESET ROLE; SET ROLE pgm_boss'),
    ('SET ROLE pgm_friend; SET ROLE pgm_boss');
-- Runs every attack and notes how it ended and who the script was after it. All is undone but the notes.
CREATE FUNCTION outcomes() RETURNS TABLE (number int, outcome text, proof text, left_as text) LANGUAGE plpgsql AS $$
DECLARE
    a record; result text; found text; after text;
BEGIN
    FOR a IN SELECT * FROM public.attack ORDER BY attack.number LOOP
        BEGIN
            PERFORM public.migrate_revision(revision => 'x', down_revision => 'base', message => 'attack', up => a.statement || '; SELECT low.prove(''after'')');
            PERFORM public.migrate_upgrade('x');
            RAISE EXCEPTION USING ERRCODE = 'ZZZZZ', MESSAGE = coalesce((SELECT string_agg(what || ' as ' || who || CASE WHEN superuser THEN ' SUPERUSER' ELSE '' END, ', ' ORDER BY p.number) FROM low.proof AS p), ''),
                DETAIL = current_user;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS result = RETURNED_SQLSTATE, found = MESSAGE_TEXT, after = PG_EXCEPTION_DETAIL;
            IF result <> 'ZZZZZ' THEN
                found := ''; after := current_user;
            END IF;
            RETURN QUERY SELECT a.number, replace(result, 'ZZZZZ', 'ran'), found, after;
        END;
    END LOOP;
END $$;
SET client_min_messages = warning;

-- By one who has no more than that role.
SET SESSION AUTHORIZATION pgm_low;
SELECT outcome, proof, left_as, left(replace(statement, E'\n', ' '), 60) AS statement FROM outcomes() JOIN attack USING (number) ORDER BY number;
SELECT current_user, session_user, current_setting('role') AS role;
RESET SESSION AUTHORIZATION;

-- By a superuser who has taken on that role: a script cannot go back to what he was. (What the two outcomes differ in.)
SET SESSION AUTHORIZATION pgm_low;
CREATE TABLE low.as_low AS SELECT * FROM outcomes();
RESET SESSION AUTHORIZATION;
SET ROLE pgm_low;
CREATE TABLE low.as_superuser AS SELECT * FROM outcomes();
SELECT current_user, current_setting('role') AS role;
SELECT count(*) FROM low.as_superuser;
TABLE low.as_superuser EXCEPT TABLE low.as_low;
RESET ROLE;
-- By a superuser as such: SET ROLE works, and is over with the script.
SELECT outcome, replace(proof, current_user, 'me') AS proof, left_as = current_user AS left_as, left(replace(statement, E'\n', ' '), 60) AS statement FROM outcomes() JOIN attack USING (number)
    WHERE number < 20 ORDER BY number;
SELECT current_user = session_user AS unchanged;

-- A wrapper with the rights of its owner: the script has those, neither the caller's nor the session's.
CREATE FUNCTION deploy(target text) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT count(*) FROM migrate_upgrade(target)';
ALTER FUNCTION deploy OWNER TO pgm_dba;
CREATE FUNCTION deploy_as_boss(target text) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT count(*) FROM migrate_upgrade(target)';
ALTER FUNCTION deploy_as_boss OWNER TO pgm_boss;
SET SESSION AUTHORIZATION pgm_low;
SELECT migrate_revision(revision => 'w1', down_revision => 'base', message => 'who', up => $$
    SELECT low.prove('plain');
    RESET ROLE;
    SELECT low.prove('after RESET ROLE');
$$);
SELECT migrate_revision(revision => 'w2', down_revision => 'w1', message => 'back to the session',
                        up => 'DO ''BEGIN RESET ROLE; PERFORM low.prove($p$got out$p$); EXCEPTION WHEN OTHERS THEN PERFORM low.prove(SQLSTATE); END''');
SELECT migrate_revision(revision => 'w3', down_revision => 'w2', message => 'to the caller', up => 'SET ROLE pgm_low');
SELECT migrate_revision(revision => 'w4', down_revision => 'w2', message => 'of the boss', up => 'SELECT low.prove(''as boss''); SET ROLE pgm_low; SELECT low.prove(''as low'')');
SELECT deploy('w2');
RESET client_min_messages;
SELECT deploy('w3');
\echo :SQLSTATE
SET client_min_messages = warning;
SELECT current_user;
SELECT what, who, superuser FROM low.proof ORDER BY number;
SELECT revision, outcome, applied_by, session_role FROM migrate.log WHERE revision LIKE 'w%' ORDER BY revision, started_at;
-- The other way round: a superuser calls the wrapper of one who has less.
RESET SESSION AUTHORIZATION;
TRUNCATE low.proof;
SELECT count(*) FROM migrate_stamp('base', purge => true);
SELECT deploy('w2');
SELECT what, who, superuser FROM low.proof ORDER BY number;
SELECT current_user = session_user AS unchanged;
-- And one who has little calls the wrapper of a superuser: this is what it is for, and why EXECUTE on it is not for everybody.
TRUNCATE low.proof;
SET SESSION AUTHORIZATION pgm_low;
SELECT deploy_as_boss('w4');
SELECT what, who, superuser FROM low.proof ORDER BY number;
SELECT current_user;
RESET SESSION AUTHORIZATION;

-- A script calls what its owner's rights guard: that, and nothing beyond it.
CREATE TABLE guarded (who name);
CREATE FUNCTION guard() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'INSERT INTO guarded VALUES (current_user)';
ALTER FUNCTION guard OWNER TO pgm_boss;
SET SESSION AUTHORIZATION pgm_low;
SELECT migrate_revision(revision => 'g', down_revision => 'base', message => 'guard', up => 'SELECT guard(); DO ''BEGIN INSERT INTO guarded VALUES ($$low$$); EXCEPTION WHEN insufficient_privilege THEN NULL; END''');
SELECT count(*) FROM migrate_upgrade('g');
RESET SESSION AUTHORIZATION;
TABLE guarded;

-- An index or a view that calls pg_migrate runs it with the rights in force there.
SET SESSION AUTHORIZATION pgm_low;
CREATE FUNCTION low.sneak(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM public.migrate_upgrade('h'); RETURN 1; END $$;
SELECT migrate_revision(revision => 'h', down_revision => 'base', message => 'sneaky', up => 'SELECT low.prove(''sneak'')');
CREATE TABLE low.indexed (i int);
INSERT INTO low.indexed VALUES (1);
CREATE MATERIALIZED VIEW low.materialized AS SELECT low.sneak(i) FROM low.indexed WITH NO DATA;
RESET SESSION AUTHORIZATION;
TRUNCATE low.proof;
REFRESH MATERIALIZED VIEW low.materialized;
SELECT what, who, superuser FROM low.proof ORDER BY number;

SET client_min_messages = error;
DROP EXTENSION pg_migrate CASCADE;
DROP SCHEMA low CASCADE;
DROP FUNCTION outcomes, deploy, deploy_as_boss, guard;
DROP TABLE attack, guarded;
DROP ROLE pgm_low, pgm_boss, pgm_friend, pgm_dba;
RESET client_min_messages;
