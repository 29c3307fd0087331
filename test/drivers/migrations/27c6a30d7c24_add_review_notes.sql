-- What drivers take for places of parameters: a migration file may hold any of it, 100 %.
SELECT migrate_revision(
    revision => '27c6a30d7c24', down_revision => '1975ea83b712',
    message  => 'add review_notes to extractions',
    up => $up$
        ALTER TABLE extractions ADD COLUMN review_notes varchar(500),
            ADD CONSTRAINT no_placeholder CHECK (review_notes NOT LIKE '%s :todo ? $1 {fn}' AND review_notes::text <> '100 %');
    $up$,
    down => $down$
        ALTER TABLE extractions DROP COLUMN review_notes;
    $down$);
SELECT count(*) FROM migrate_history();
