-- Places at which the tests let something go wrong.
CREATE EXTENSION pgm_test;
SELECT pgm_test_define_settings();

SELECT pgm_test_fault_point();
SET pg_migrate.fault_point = 'error:here';
SELECT pgm_test_fault_point();
-- A setting that names another place, or no action, changes nothing.
SET pg_migrate.fault_point = 'error:there';
SELECT pgm_test_fault_point();
SET pg_migrate.fault_point = 'here';
SELECT pgm_test_fault_point();
SET pg_migrate.fault_point = 'stumble:here';
SELECT pgm_test_fault_point();
-- The waiting can be cancelled.
SET pg_migrate.fault_point = 'wait:here';
SET statement_timeout = '50ms';
SELECT pgm_test_fault_point();
RESET statement_timeout;
RESET pg_migrate.fault_point;
SELECT pgm_test_fault_point();

-- For superusers only, and not shown with the settings.
CREATE ROLE regress_fault_point;
SET ROLE regress_fault_point;
SET pg_migrate.fault_point = 'error:here';
RESET ROLE;
DROP ROLE regress_fault_point;
SELECT count(*) FROM pg_settings WHERE name = 'pg_migrate.fault_point';

DROP EXTENSION pgm_test;
