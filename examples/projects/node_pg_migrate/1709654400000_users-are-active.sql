-- Up Migration
ALTER TABLE users ADD COLUMN active boolean NOT NULL DEFAULT true;

-- Down Migration
ALTER TABLE users DROP COLUMN active;
