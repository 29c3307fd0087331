-- The boundary between C++ and the server: whatever happens inside, destructors run, errors arrive whole, and the
-- session goes on.
CREATE EXTENSION pgm_test;

CREATE FUNCTION provoke(statement text) RETURNS TABLE (field text, value text) LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text; context text;
BEGIN
    EXECUTE statement;
    RETURN QUERY VALUES ('outcome', 'no error');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
    RETURN QUERY VALUES ('sqlstate', state), ('message', message), ('detail', detail), ('hint', hint),
        ('context', split_part(context, E'\n', 1));
END $$;

-- A server error through a hundred C++ frames.
SELECT * FROM provoke('SELECT pgm_test_server_error(100)');
SELECT pgm_test_live_objects();

-- At the top level, without anybody who catches it.
SELECT pgm_test_server_error(2);
SELECT pgm_test_live_objects();

-- Errors of statements that run below C++ frames keep their SQLSTATE and position.
SELECT * FROM provoke('SELECT pgm_test_execute(''SELECT 1/0'')');
SELECT * FROM provoke('SELECT pgm_test_execute(''SELECT * FROM no_such_table'')');
SELECT pgm_test_execute('SELECT * FROM no_such_table');
SELECT * FROM provoke('SELECT pgm_test_execute(''DO $x$ BEGIN RAISE EXCEPTION USING ERRCODE = ''''ZZ123'''', MESSAGE = ''''m'''', DETAIL = ''''d'''', HINT = ''''h''''; END $x$'')');
SELECT pgm_test_live_objects();

-- statement_timeout and cancel unwind as well.
SET statement_timeout = '50ms';
SELECT pgm_test_execute('SELECT pg_sleep(60)');
RESET statement_timeout;
SELECT pgm_test_live_objects();

-- Entry points within entry points.
SELECT * FROM provoke('SELECT pgm_test_execute(''SELECT pgm_test_execute($x$SELECT pgm_test_server_error(3)$x$)'')');
SELECT pgm_test_live_objects();

-- No exception of any type leaves an entry point as a C++ exception.
SELECT kind, field, value FROM unnest(ARRAY['core', 'runtime_error', 'bad_alloc', 'string', 'int', 'odd_sqlstate']) AS kind,
    provoke(format('SELECT pgm_test_throw(%L)', kind)) WHERE field <> 'context';
SELECT pgm_test_live_objects();

-- A destructor that fails: a WARNING, and the error that was on its way goes on.
SELECT pgm_test_failing_cleanup(false);
SELECT pgm_test_failing_cleanup(true);

-- A thousand errors leave nothing behind.
SELECT pgm_test_stacks_restored(1000);
SELECT pgm_test_live_objects();

-- The session is sound: a rolled back statement left no trace.
CREATE TABLE boundary_unique (id integer UNIQUE);
SELECT * FROM provoke('SELECT pgm_test_execute(''INSERT INTO boundary_unique VALUES (1), (2), (1)'')') WHERE field = 'sqlstate';
SELECT count(*) FROM boundary_unique;

DROP TABLE boundary_unique;
DROP FUNCTION provoke;
DROP EXTENSION pgm_test;
