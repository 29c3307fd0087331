-- +goose Up
ALTER TABLE users ADD COLUMN active boolean NOT NULL DEFAULT true;

-- +goose Down
ALTER TABLE users DROP COLUMN active;
