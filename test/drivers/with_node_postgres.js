// SPDX-License-Identifier: PostgreSQL
// The tutorial's workflow through node-postgres (pg).
'use strict';

const fs = require('fs');
const path = require('path');
const { isDeepStrictEqual } = require('util');
const { Client, Pool } = require('pg');

async function connect() {
    const client = new Client(); // PGHOST, PGDATABASE, …; or { connectionString: 'postgresql://…' }
    client.on('notice', (notice) => say(`${notice.severity}: ${notice.message}`));
    await client.connect();
    return client; // node-postgres begins no transaction unasked: nothing to be said about autocommit
}

async function register(client, directory) {
    for (const file of fs.readdirSync(directory).filter((name) => name.endsWith('.sql')).sort())
        await client.query(fs.readFileSync(path.join(directory, file), 'utf8')); // without values: several statements are allowed
}

async function upgrade(client, target = 'head') {
    const { rows } = await client.query('SELECT revision, message FROM migrate_upgrade($1)', [target]);
    return rows;
}

function show(error) {
    console.log(error.code, error.message);
    console.log([error.detail, error.hint, error.where].join('\n'));
}

// Another connection of the client's role ends what the client waits for.
async function cancel(client) {
    const other = await connect();
    await other.query('SELECT pg_cancel_backend($1)', [client.processID]);
    await other.end();
}

// What follows are the tests.

const POOLED = process.env.DRIVERS_POOLED === '1';
const MIGRATIONS = path.join(__dirname, 'migrations');
const FORGOTTEN = fs.readFileSync(path.join(__dirname, 'forgotten.txt'), 'utf8');
const INITIAL = 'Running upgrade  -> 1975ea83b712, initial schema';
const NOTES = 'Running upgrade 1975ea83b712 -> 27c6a30d7c24, add review_notes to extractions';
const INDEX = 'Running upgrade 27c6a30d7c24 -> 3a7fd0561820, 100 % of them by status: faster?';
const REGISTER = 'SELECT migrate_revision(revision => $1, down_revision => $2, message => $3, up => $4, down => $5) AS revision';
const BY_STATUS = ['3a7fd0561820', '27c6a30d7c24', '100 % of them by status: faster?',
    '-- %s, %(up)s, ?, :up, $1, {fn now()}\nCREATE INDEX CONCURRENTLY by_status ON extractions (status)',
    'DROP INDEX CONCURRENTLY by_status'];
const VERDICT = ['4b80e1672931', '3a7fd0561820', 'extractions have a verdict',
    "ALTER TYPE verdict ADD VALUE IF NOT EXISTS 'bad';\nALTER TABLE extractions ADD COLUMN verdict verdict NOT NULL DEFAULT 'bad'",
    'ALTER TABLE extractions DROP COLUMN verdict'];
const ONE_PER_CONTRACT = ['5c91f2783a42', '4b80e1672931', 'one extraction per contract',
    'ALTER TABLE extractions ADD COLUMN reviewed_at timestamptz;\n' +
    'ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)',
    'ALTER TABLE extractions DROP CONSTRAINT one_per_contract;\nALTER TABLE extractions DROP COLUMN reviewed_at'];
const WRITING = 'LOCK TABLE extractions IN ROW EXCLUSIVE MODE';
const WAITS = "SELECT count(*)::int FROM migrate.progress WHERE revision = '3a7fd0561820' AND starts_with(phase, 'waiting for writers')";
const VALID_INDEX = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('by_status')";

let failed = 0;
let said = [];

function say(notice) {
    console.log(notice);
    said.push(notice.replace(/^NOTICE: /, ''));
}

function notices() {
    const all = said;
    said = [];
    return all;
}

function fact(what, actual, expected) {
    if (isDeepStrictEqual(actual, expected)) {
        console.log(`ok - ${what}`);
        return;
    }
    ++failed;
    console.log(`not ok - ${what}\n#      got: ${JSON.stringify(actual)}\n# expected: ${JSON.stringify(expected)}`);
}

function leftOut(what) {
    console.log(`# left out behind a pooler, for it needs a session: ${what}`);
}

// The error that a promise is rejected with; undefined if it is not.
async function raised(promise) {
    try {
        await promise;
    } catch (error) {
        return error;
    }
}

// An error's fields as psql shows them.
function shown(error) {
    const fields = { ERROR: error?.message, DETAIL: error?.detail, HINT: error?.hint, CONTEXT: error?.where };
    return Object.entries(fields).filter(([, text]) => text).map(([name, text]) => `${name}:  ${text}\n`).join('');
}

// The first column.
async function column(client, sql, values = []) {
    const { rows } = await client.query({ text: sql, values, rowMode: 'array' });
    return rows.map((row) => row[0]);
}

async function one(client, sql, values = []) {
    return (await column(client, sql, values))[0];
}

const applied = (client) => column(client, 'SELECT revision FROM migrate_current()');
const ids = (rows) => rows.map((row) => row.revision);

async function waitUntil(condition) {
    for (const until = Date.now() + 30000; Date.now() < until; await new Promise((resume) => setTimeout(resume, 20)))
        if (await condition()) return true;
    return false;
}

async function registering() {
    const client = await connect();
    await client.query('CREATE EXTENSION pg_migrate');
    await register(client, MIGRATIONS);
    fact('files are registered as they are', await column(client, 'SELECT revision FROM migrate_heads()'), ['27c6a30d7c24']);
    const kept = await one(client, "SELECT up FROM migrate_show('27c6')");
    fact('to the letter', fs.readFileSync(path.join(MIGRATIONS, '27c6a30d7c24_add_review_notes.sql'), 'utf8').includes(kept), true);
    fact('a revision by parameters', await one(client, REGISTER, BY_STATUS), '3a7fd0561820');
    fact('to the letter, too', await one(client, "SELECT ARRAY[message, up, down] FROM migrate_show('head')"), BY_STATUS.slice(2));
    if (POOLED) {
        leftOut('prepared statements');
    } else {
        const answers = new Set();
        for (let turn = 0; turn < 12; ++turn) {
            const { rows } = await client.query({ name: 'register', text: REGISTER, values: BY_STATUS });
            answers.add(rows[0].revision);
        }
        fact('twelve times by a prepared statement', [...answers], ['3a7fd0561820']);
        fact('planned for any parameters', await one(client, "SELECT generic_plans > 0 FROM pg_prepared_statements WHERE name = 'register'"), true);
        for (let turn = 0; turn < 12; ++turn) {
            await client.query({ name: 'up', text: 'SELECT migrate_upgrade($1)', values: ['27c6a30d7c24'] });
            await client.query({ name: 'down', text: 'SELECT migrate_downgrade($1)', values: ['base'] });
        }
        fact('up and down twelve times', [notices().length, await applied(client)], [48, []]);
    }
    await client.query(REGISTER, VERDICT);
    fact('nothing is registered twice', await one(client, 'SELECT count(*)::int FROM migrate.revision'), 4);
    await client.end();
}

async function running() {
    const client = await connect();
    notices();
    await client.query('BEGIN');
    fact('a run belongs to the transaction', ids(await upgrade(client, '27c6a30d7c24')), ['1975ea83b712', '27c6a30d7c24']);
    fact('and tells what it does', notices(), [INITIAL, NOTES]);
    await client.query('ROLLBACK');
    fact('after ROLLBACK nothing stays', await applied(client), []);
    await upgrade(client, '27c6a30d7c24');
    fact('without BEGIN it does', await applied(client), ['27c6a30d7c24']);
    const history = await client.query('SELECT revision, is_applied FROM migrate_history()');
    fact('history', history.rows.map((row) => [row.revision, row.is_applied]),
        [['4b80e1672931', false], ['3a7fd0561820', false], ['27c6a30d7c24', true], ['1975ea83b712', true]]);
    notices();

    await client.query('BEGIN');
    const error = await raised(upgrade(client, '3a7fd0561820'));
    fact('in a transaction', error?.code, '25001');
    fact('the error says what to do', shown(error), FORGOTTEN);
    fact('and is all that there is', notices(), []);
    await client.query('ROLLBACK');
    fact('nothing is lost', await applied(client), ['27c6a30d7c24']);
    fact('as the hint says, it works', ids(await upgrade(client, '3a7fd0561820')), ['3a7fd0561820']);
    fact('with its notice', notices(), [INDEX]);

    // The other way of the hint, in the transaction that is open anyway.
    await client.query('BEGIN');
    const run = await one(client, 'SELECT migrate_start($1, $2)', ['-1', 'downgrade']);
    await client.query('COMMIT');
    fact('migrate_start() in a transaction, migrate_wait() behind it', await one(client, 'SELECT migrate_wait($1, $2)', [run, '1 minute']), 'done');
    fact('it has run', await applied(client), ['27c6a30d7c24']);
    await client.end();
}

async function severalInOneString() {
    const client = await connect();
    notices();
    const error = await raised(client.query("SELECT 1; SELECT migrate_upgrade('3a7fd0561820')"));
    fact('several statements of a string', error?.code, '25001');
    fact('say why', error?.detail.includes('The query string holds other statements too'), true);
    fact('and what to do', error?.hint.split(' (')[0], 'Send the call in a query string of its own');
    fact('by itself it works', ids(await upgrade(client, '3a7fd0561820')), ['3a7fd0561820']);
    const results = await client.query("SELECT 1; SELECT revision FROM migrate_upgrade('3a7fd0561820'); SELECT revision FROM migrate_current()");
    fact('what a transaction can hold, in one string', results.map((result) => result.rows.length), [1, 0, 1]);
    await client.end();
}

async function failing() {
    const client = await connect();
    fact('a new value of an enumeration, used behind it', ids(await upgrade(client)), ['4b80e1672931']);
    await client.query("INSERT INTO contracts (title) VALUES ('rent'); INSERT INTO extractions (contract_id) VALUES (1), (1)");
    await client.query(REGISTER, ONE_PER_CONTRACT);
    notices();
    let error = await raised(upgrade(client));
    show(error);
    fact('a migration that fails', error?.code, '23505');
    fact('as the server said it', shown(error), 'ERROR:  could not create unique index "one_per_contract"\n' +
        'DETAIL:  Key (contract_id)=(1) is duplicated.\n' +
        'CONTEXT:  SQL statement "ALTER TABLE extractions ADD CONSTRAINT one_per_contract UNIQUE (contract_id)"\n' +
        'revision "5c91f2783a42", statement 2, line 2\n');
    fact('after its notice', notices(), ['Running upgrade 4b80e1672931 -> 5c91f2783a42, one extraction per contract']);
    fact('nothing of it stays', await applied(client), ['4b80e1672931']);
    error = await raised(upgrade(client, 'xyz'));
    fact('SQLSTATE of its own', [error?.code, error?.hint], ['MG001', 'migrate_history() lists the revisions that are known.']);
    await client.query('DELETE FROM extractions WHERE id = 2');
    fact('the data are mended', ids(await upgrade(client)), ['5c91f2783a42']);
    await client.end();
}

async function cancelling() {
    const [client, writer, watcher] = [await connect(), await connect(), await connect()];
    await client.query("SELECT migrate_downgrade('27c6a30d7c24')");
    await writer.query('BEGIN');
    await writer.query(WRITING);
    const idle = async () => (await one(watcher, 'SELECT count(*)::int FROM migrate.progress')) === 0;
    if (POOLED) {
        leftOut('processID, which is one of the pooler');
    } else {
        const caller = raised(upgrade(client, '3a7fd0561820'));
        fact('the index build waits', await waitUntil(async () => (await one(watcher, WAITS)) === 1), true);
        await cancel(client);
        fact('cancelled, the call ends', (await caller)?.code, '57014');
        fact('and its worker', await waitUntil(idle), true);
    }
    const limited = "SELECT migrate_upgrade(nullif($1, set_config('pg_migrate.statement_timeout', '300', true)))";
    fact('a timeout of the statements, for this call', (await raised(client.query(limited, ['3a7fd0561820'])))?.code, '57014');
    fact('ends the worker as well', await waitUntil(idle), true);
    if (POOLED) {
        leftOut('a statement_timeout of the session');
    } else {
        const hasty = new Client({ statement_timeout: 300 });
        await hasty.connect();
        fact('a timeout of the call', (await raised(upgrade(hasty, '3a7fd0561820')))?.code, '57014');
        await hasty.end();
        fact('does so, too', await waitUntil(idle), true);
    }

    // The timeout of the driver gives up, and tells the server nothing.
    const impatient = new Client({ query_timeout: 300 });
    await impatient.connect();
    const error = await raised(upgrade(impatient, '3a7fd0561820'));
    fact('a timeout of the driver', error?.message, 'Query read timeout');
    fact('does not end the run', await waitUntil(async () => !(await idle())), true);
    await writer.query('ROLLBACK');
    fact('which comes to its end', await waitUntil(idle), true);
    fact('with all that it had to do', await applied(client), ['3a7fd0561820']);
    await impatient.end();
    fact('the next call goes on', ids(await upgrade(client)), ['4b80e1672931', '5c91f2783a42']);
    fact('the index is whole', await one(watcher, VALID_INDEX), true);
    for (const each of [client, writer, watcher]) await each.end();
}

async function pools() {
    const pool = new Pool({ max: 4 });
    pool.on('connect', (client) => client.on('notice', (notice) => say(`${notice.severity}: ${notice.message}`)));
    notices();
    // As deployments do that begin at once.
    const all = await Promise.all([1, 2, 3, 4].map(() => pool.query("SELECT revision FROM migrate_downgrade('27c6a30d7c24')")));
    fact('four at once: one runs', all.map((result) => result.rowCount).sort(), [0, 0, 0, 3]);
    fact('a pool tells of its clients', notices().filter((notice) => notice.startsWith('Running downgrade ')).length, 3);
    fact('all is back', await applied(pool), ['27c6a30d7c24']);
    await pool.end();
}

async function main() {
    await registering();
    await running();
    await severalInOneString();
    await failing();
    await cancelling();
    await pools();
    console.log('finished');
    process.exitCode = failed === 0 ? 0 : 1;
}

main().catch((error) => {
    console.log(error);
    process.exitCode = 1;
});
