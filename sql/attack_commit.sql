-- What a script leaves for the commit would run with the rights of the session. It runs before, with those of the caller.
CREATE EXTENSION pg_migrate;
CREATE ROLE regress_low;
CREATE SCHEMA regress_s AUTHORIZATION regress_low;
CREATE TABLE regress_s.seen (who name, superuser text);
ALTER TABLE regress_s.seen OWNER TO regress_low;
GRANT USAGE ON SCHEMA public TO regress_low;
SELECT migrate_grant('regress_low', 'operator');
CREATE FUNCTION regress_s.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO regress_s.seen SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
    RETURN NULL;
END $$;
CREATE FUNCTION regress_s.climb() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RESET ROLE;
    INSERT INTO regress_s.seen SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
    RETURN NULL;
END $$;
SELECT migrate_revision(revision => 'trigger', down_revision => 'base', message => 'a deferred trigger', up => $up$
    CREATE TABLE regress_s.t (i int);
    CREATE CONSTRAINT TRIGGER later AFTER INSERT ON regress_s.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION regress_s.look();
    INSERT INTO regress_s.t VALUES (1);
$up$, down => 'DROP TABLE regress_s.t');
SELECT migrate_revision(revision => 'climb', down_revision => 'base', message => 'one that goes back', up => $up$
    CREATE TABLE regress_s.u (i int);
    CREATE CONSTRAINT TRIGGER later AFTER INSERT ON regress_s.u DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION regress_s.climb();
    INSERT INTO regress_s.u VALUES (1);
$up$);
SELECT migrate_revision(revision => 'cursor', down_revision => 'base', message => 'a cursor', up => 'DECLARE later CURSOR WITH HOLD FOR SELECT 1');

-- A superuser who has taken on the role.
SET ROLE regress_low;
SELECT revision FROM migrate_upgrade('trigger');
RESET ROLE;
SELECT * FROM regress_s.seen;
SET ROLE regress_low;
SELECT revision FROM migrate_downgrade('trigger@base');
SELECT revision FROM migrate_upgrade('climb');
SELECT revision FROM migrate_upgrade('cursor');
RESET ROLE;
SELECT * FROM regress_s.seen;

-- A function with the rights of its definer, called by a superuser.
CREATE FUNCTION regress_s.deploy(target text) RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS
    $$ SELECT revision FROM public.migrate_upgrade(target) $$;
ALTER FUNCTION regress_s.deploy(text) OWNER TO regress_low;
SELECT regress_s.deploy('trigger');
SELECT * FROM regress_s.seen;
SELECT regress_s.deploy('climb');
SELECT regress_s.deploy('cursor');
SELECT * FROM regress_s.seen;

-- Where caller and session are the same, a cursor may stay and triggers fire at commit, as in any script.
SELECT revision FROM migrate_upgrade('cursor');
CLOSE later;

DROP SCHEMA regress_s CASCADE;
DROP EXTENSION pg_migrate;
DROP OWNED BY regress_low;
DROP ROLE regress_low;
