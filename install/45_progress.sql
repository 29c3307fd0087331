-- What runs now.

CREATE FUNCTION @extschema@.migrate_progress()
    RETURNS TABLE (pid integer, run bigint, direction text, schema_name name, revision text, step integer, steps integer,
                   statement integer, statements integer, phase text, started_at timestamptz,
                   statement_started_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'migrate_progress';
ALTER FUNCTION @extschema@.migrate_progress() OWNER TO @extowner@;
REVOKE ALL ON FUNCTION @extschema@.migrate_progress() FROM PUBLIC;
COMMENT ON FUNCTION @extschema@.migrate_progress() IS
    'What migrate.progress shows of the runs themselves.';

-- With the rights of whoever looks: what the server's own views keep from a role is not shown to it here either. Of the counts of a command the
-- server puts back to zero what does not belong to its present phase.
CREATE VIEW migrate.progress (pid, run, direction, schema_name, revision, step, steps, statement, statements, phase, done, total,
                              wait_event_type, wait_event, blocked_by, started_at, statement_started_at)
    WITH (security_invoker = true) AS
    SELECT p.pid, p.run, p.direction, p.schema_name, p.revision, p.step, p.steps, p.statement, p.statements,
           CASE WHEN s.phase LIKE 'waiting%' THEN s.phase
                WHEN p.run IS NOT NULL AND b.blocked_by <> '{}' THEN 'waiting for lock'
                ELSE coalesce(s.phase, p.phase)
           END,
           s.done, s.total, a.wait_event_type, a.wait_event, b.blocked_by, p.started_at, p.statement_started_at
    FROM @extschema@.migrate_progress() AS p
    CROSS JOIN LATERAL (SELECT pg_blocking_pids(p.pid)) AS b (blocked_by)
    LEFT JOIN pg_stat_activity AS a ON a.pid = p.pid
    LEFT JOIN LATERAL (
        SELECT i.phase,
               CASE WHEN i.lockers_total > 0 THEN i.lockers_done
                    WHEN i.blocks_total > 0 THEN i.blocks_done
                    WHEN i.tuples_total > 0 THEN i.tuples_done
               END,
               CASE WHEN i.lockers_total > 0 THEN i.lockers_total
                    WHEN i.blocks_total > 0 THEN i.blocks_total
                    WHEN i.tuples_total > 0 THEN i.tuples_total
               END
        FROM pg_stat_progress_create_index AS i WHERE i.pid = p.pid
        UNION ALL
        SELECT v.phase, CASE v.phase WHEN 'vacuuming heap' THEN v.heap_blks_vacuumed ELSE v.heap_blks_scanned END, v.heap_blks_total
        FROM pg_stat_progress_vacuum AS v WHERE v.pid = p.pid
        UNION ALL
        SELECT c.phase,
               CASE c.phase WHEN 'seq scanning heap' THEN c.heap_blks_scanned
                            WHEN 'index scanning heap' THEN c.heap_tuples_scanned
                            WHEN 'writing new heap' THEN c.heap_tuples_written
                            WHEN 'rebuilding index' THEN c.index_rebuild_count
               END,
               CASE c.phase WHEN 'seq scanning heap' THEN c.heap_blks_total
                            WHEN 'writing new heap' THEN c.heap_tuples_scanned
               END
        FROM pg_stat_progress_cluster AS c WHERE c.pid = p.pid
        UNION ALL
        SELECT n.phase, n.sample_blks_scanned, n.sample_blks_total FROM pg_stat_progress_analyze AS n WHERE n.pid = p.pid
        UNION ALL
        SELECT NULL, y.bytes_processed, nullif(y.bytes_total, 0) FROM pg_stat_progress_copy AS y WHERE y.pid = p.pid
    ) AS s (phase, done, total) ON true;
ALTER VIEW migrate.progress OWNER TO @extowner@;
REVOKE ALL ON migrate.progress FROM PUBLIC;
COMMENT ON VIEW migrate.progress IS 'What runs or waits for its turn now, and how far it is; seen before it is committed';
