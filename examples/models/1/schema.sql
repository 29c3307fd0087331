CREATE TYPE extraction_status AS ENUM ('pending', 'done', 'failed');

CREATE TABLE contracts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL
);

CREATE TABLE extractions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    contract_id bigint NOT NULL REFERENCES contracts,
    status extraction_status NOT NULL DEFAULT 'pending'
);
