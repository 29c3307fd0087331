-- A revision is SQL: constraints, changes of data, functions, anything.
CREATE EXTENSION pg_migrate;
CREATE TABLE refunds (id bigint PRIMARY KEY, amount numeric);
INSERT INTO refunds VALUES (1, 10), (2, -5);

SELECT migrate_revision(
    revision => '185dbe34f60a',
    message => 'refunds are positive',
    up   => $up$
        UPDATE refunds SET amount = -amount WHERE amount < 0;
        ALTER TABLE refunds ADD CONSTRAINT refunds_amount_is_positive CHECK (amount > 0);
    $up$,
    down => $down$
        ALTER TABLE refunds DROP CONSTRAINT refunds_amount_is_positive;
    $down$);

SELECT revision, message, statements FROM migrate_upgrade('head');

SELECT * FROM refunds ORDER BY id;

INSERT INTO refunds VALUES (3, -1);

SELECT migrate_revision(
    revision => '296ecf45071b',
    message => 'function total_refunds',
    up   => $up$
        CREATE FUNCTION total_refunds() RETURNS numeric LANGUAGE plpgsql STABLE AS $body$
        BEGIN
            RETURN (SELECT sum(amount) FROM refunds);
        END
        $body$;
    $up$,
    down => 'DROP FUNCTION total_refunds()');

SELECT revision, message, statements FROM migrate_upgrade('head');

SELECT total_refunds();

-- What a script cannot hold is refused when it is registered.
SELECT migrate_revision('half of it', 'CREATE TABLE a (); COMMIT; CREATE TABLE b ()', revision => '0badc0ffee00');
SELECT migrate_revision('import', 'COPY refunds FROM STDIN', revision => '0badc0ffee01');

DROP FUNCTION total_refunds;
DROP TABLE refunds;
DROP EXTENSION pg_migrate;
