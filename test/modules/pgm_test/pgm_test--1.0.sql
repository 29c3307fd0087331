\echo Use "CREATE EXTENSION pgm_test" to load this file. \quit

-- Scripts: script.cpp

CREATE FUNCTION pgm_test_parse(script text, revision text DEFAULT '27c6a30d7c24', direction text DEFAULT 'up')
RETURNS TABLE ("offset" integer, length integer, line integer, transactional boolean, command text,
               role_change text, role text, colons text)
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- How many statements, without a row for each.
CREATE FUNCTION pgm_test_count(script text) RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_normalize(script text, OUT script text, OUT unwrapped boolean) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- A null is a part that is missing.
CREATE FUNCTION pgm_test_checksum(VARIADIC scripts text[]) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_checksum_of_bytes(bytes text) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_read_file(path text, content text)
RETURNS TABLE (line integer, message text, up text, down text, revision text, down_revision text, branch_label text,
               depends_on text, splice text)
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- The boundary: boundary.cpp

CREATE FUNCTION pgm_test_live_objects() RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_server_error(depth integer) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_execute(sql text) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_throw(kind text) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_failing_cleanup(fail boolean) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_stacks_restored(rounds integer) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- Waiting: waiting.cpp

CREATE FUNCTION pgm_test_obstacle_to_waiting() RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE c;

-- Until nobody holds the advisory lock of this key.
CREATE FUNCTION pgm_test_wait(key bigint, flagged boolean DEFAULT true) RETURNS void
    LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'pgm_test_wait';
COMMENT ON FUNCTION pgm_test_wait(bigint, boolean) IS 'Waits until nobody holds the advisory lock exclusively';

CREATE FUNCTION pgm_test_install_index_filter() RETURNS void
    LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'pgm_test_install_index_filter';
COMMENT ON FUNCTION pgm_test_install_index_filter() IS 'Has the planner of this session kept from indexes that are built while it waits';

CREATE FUNCTION pgm_test_waits_for_this_backend(pid integer) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_refuse_self_block(pid integer) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- What a statement has left: in_doubt.cpp

CREATE FUNCTION pgm_test_objects_before(sql text) RETURNS SETOF oid
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_relation_to_lock(sql text) RETURNS regclass
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_advise_before(sql text, OUT action text, OUT first text[], OUT instead text, OUT notice text,
                                       OUT detail text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_advise_in_doubt(sql text, before oid[], OUT action text, OUT first text[], OUT instead text,
                                         OUT notice text, OUT detail text) RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_clean_up(sql text, before oid[]) RETURNS SETOF text
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_left_half_done(sql text, before oid[]) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- Background workers: worker.cpp

CREATE FUNCTION pgm_test_worker(sql text, function text DEFAULT 'pgm_test_worker_main') RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_independent_worker(sql text) RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- The board of a run: progress.cpp

CREATE PROCEDURE pgm_test_board()
AS 'MODULE_PATHNAME' LANGUAGE c;

-- Fault points: fault_point.cpp

CREATE FUNCTION pgm_test_define_settings() RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE c;

CREATE FUNCTION pgm_test_fault_point() RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE c;

-- Schemas: schema.cpp

CREATE FUNCTION pgm_test_snapshot(schemas text[] DEFAULT NULL) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE c;

CREATE FUNCTION pgm_test_diff(was bytea, "is" bytea, online boolean DEFAULT false) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_objects(snapshot bytea)
RETURNS TABLE (kind text, identity text, parent text, "position" integer, attribute text, value text)
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_needs(snapshot bytea) RETURNS TABLE (object text, needs text, type text)
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- What of the catalogues the queries of a snapshot name: catalogue.cpp

CREATE FUNCTION pgm_test_columns_read() RETURNS TABLE (relation oid, "column" integer)
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

-- Models in scratch databases: scratch.cpp

CREATE FUNCTION pgm_test_scratch(ddl text, query text) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_scratch_bytes(count text) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;

CREATE FUNCTION pgm_test_scratch_unknown_task(ddl text) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE c STRICT;
