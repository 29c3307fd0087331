DO $$
DECLARE
    missing text;
BEGIN
    SELECT string_agg(version_num, ', ') INTO missing FROM alembic_version
     WHERE version_num NOT IN (SELECT revision FROM migrate_history());
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'Alembic has run %, which is not registered', missing USING HINT = 'Import it, or write it by hand.';
    END IF;
    IF EXISTS (SELECT FROM alembic_version WHERE version_num NOT IN (SELECT revision FROM migrate_history() WHERE is_applied)) THEN
        PERFORM migrate_stamp(string_agg(version_num, ',')) FROM alembic_version;
    END IF;
END $$;
SELECT revision, message, is_head FROM migrate_current();
