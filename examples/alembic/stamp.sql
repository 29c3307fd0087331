SELECT * FROM migrate_stamp((SELECT coalesce(string_agg(version_num, ','), 'base') FROM alembic_version));
SELECT revision, message, is_head FROM migrate_current();
