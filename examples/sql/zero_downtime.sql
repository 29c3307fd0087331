-- A column gets another name and type while the application goes on: expand, copy, switch over, contract.
CREATE EXTENSION pg_migrate;
CREATE TABLE contracts (id bigint PRIMARY KEY, amount_text text);
INSERT INTO contracts SELECT i, (i * 10)::text FROM generate_series(1, 25000) AS i;

-- No statement waits long for a lock, and so nobody waits long behind it: it is tried again.
SET pg_migrate.lock_timeout = '2s';
SET pg_migrate.lock_retries = 20;

-- 1. Expand. The old application writes the old column, the new one both.
SELECT migrate_revision('amount as a number: expand', revision => '5d0b1a7e9c21', down_revision => 'base',
    up => $up$
        ALTER TABLE contracts ADD COLUMN amount numeric(12, 2);
        CREATE FUNCTION contracts_amount() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' OR NEW.amount_text IS DISTINCT FROM OLD.amount_text THEN
                NEW.amount := NEW.amount_text::numeric;
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER contracts_amount BEFORE INSERT OR UPDATE ON contracts FOR EACH ROW EXECUTE FUNCTION contracts_amount();
    $up$,
    down => $down$
        DROP TRIGGER contracts_amount ON contracts;
        DROP FUNCTION contracts_amount();
        ALTER TABLE contracts DROP COLUMN amount;
    $down$);

-- 2. Copy, in transactions of 10000 rows: no lock is held longer than one of them takes.
SELECT migrate_revision('amount as a number: copy', revision => '81c4f7d03b6a', down_revision => '5d0b1a7e9c21',
    up => $up$
        CREATE PROCEDURE copy_amounts() LANGUAGE plpgsql AS $$
        DECLARE
            from_id bigint := 0;
            to_id bigint;
        BEGIN
            LOOP
                SELECT max(id) INTO to_id FROM (SELECT id FROM contracts WHERE id > from_id ORDER BY id LIMIT 10000) AS part;
                EXIT WHEN to_id IS NULL;
                UPDATE contracts SET amount = amount_text::numeric WHERE id > from_id AND id <= to_id AND amount IS NULL;
                COMMIT;
                from_id := to_id;
            END LOOP;
        END $$;

        -- pg_migrate: no-transaction
        CALL copy_amounts();

        DROP PROCEDURE copy_amounts();
    $up$,
    down => '');

-- 3. What the new column is to be, checked without a long lock.
SELECT migrate_revision('amount as a number: NOT NULL', revision => 'c30e92b8f417', down_revision => '81c4f7d03b6a',
    up => $up$
        ALTER TABLE contracts ADD CONSTRAINT amount_is_there CHECK (amount IS NOT NULL) NOT VALID;

        -- pg_migrate: commit
        ALTER TABLE contracts VALIDATE CONSTRAINT amount_is_there;

        -- pg_migrate: commit
        ALTER TABLE contracts ALTER COLUMN amount SET NOT NULL;
        ALTER TABLE contracts DROP CONSTRAINT amount_is_there;

        CREATE INDEX CONCURRENTLY contracts_amount ON contracts (amount);
    $up$,
    down => $down$
        DROP INDEX CONCURRENTLY contracts_amount;
        ALTER TABLE contracts ALTER COLUMN amount DROP NOT NULL;
    $down$);

-- 4. Contract, once no application uses the old column.
SELECT migrate_revision('amount as a number: contract', revision => 'f92d5b60e7a4', down_revision => 'c30e92b8f417',
    up => $up$
        DROP TRIGGER contracts_amount ON contracts;
        DROP FUNCTION contracts_amount();
        ALTER TABLE contracts DROP COLUMN amount_text;
    $up$,
    down => NULL);

SELECT step, statement, transactional, left(sql, 58) AS sql FROM migrate_plan('c30e92b8f417');

SELECT revision, message FROM migrate_upgrade('c30e92b8f417');

SELECT count(*) AS rows, sum(amount) AS amounts FROM contracts;

-- Weeks later.
SELECT revision, message FROM migrate_upgrade('head');

SELECT migrate_downgrade('-1');

DROP TABLE contracts;
DROP EXTENSION pg_migrate;
