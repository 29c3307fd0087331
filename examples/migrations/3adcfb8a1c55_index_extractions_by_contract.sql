SELECT migrate_revision(
    revision => '3adcfb8a1c55',
    down_revision => '27c6a30d7c24',
    message => 'index extractions by contract',
    up => $up$
CREATE INDEX idx_extractions_contract ON extractions (contract_id, status);
$up$,
    down => $down$
DROP INDEX idx_extractions_contract;
$down$);
