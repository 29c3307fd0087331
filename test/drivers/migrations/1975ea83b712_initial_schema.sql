SELECT migrate_revision(
    revision => '1975ea83b712', down_revision => 'base',
    message  => 'initial schema',
    up => $up$
        CREATE TABLE contracts (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            title text NOT NULL
        );
        CREATE TYPE verdict AS ENUM ('good');
        CREATE TABLE extractions (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            contract_id bigint NOT NULL REFERENCES contracts,
            status varchar(20) NOT NULL DEFAULT 'pending'
        );
    $up$,
    down => $down$
        DROP TABLE extractions;
        DROP TYPE verdict;
        DROP TABLE contracts;
    $down$);
