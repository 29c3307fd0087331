SELECT migrate_revision(
    revision => '27c6a30d7c24',
    down_revision => '1975ea83b712',
    message => 'add review_notes to extractions',
    up => $up$
ALTER TABLE extractions ADD COLUMN review_notes varchar(500);
$up$,
    down => $down$
ALTER TABLE extractions DROP COLUMN review_notes;
$down$);
