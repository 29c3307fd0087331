-- +goose Up
CREATE TABLE users (
    id bigint PRIMARY KEY,
    email text NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION number_of_users() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT count(*) FROM users);
END;
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION number_of_users();
DROP TABLE users;
