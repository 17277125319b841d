// An HTTP server with a slow database: PostgreSQL through `pg`, whose promises are waited for by ordinary calls. A request is a task, a
// transaction is a function with a try around it, and a client that goes away takes its query along.
//   node out/examples/postgres_server.js                 clients of all kinds, and what the database says afterwards is checked
//   node out/examples/postgres_server.js --listen 8000   serves until SIGTERM
// It connects as all programs of PostgreSQL do, by PGHOST, PGUSER, PGDATABASE and so on, and has a schema of its own while it runs.
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { type Green, green, joinAll, once, run, sleep, spawn, wait } from 'greenlets';
import { fetch, HttpError, type ServerRequest, type ServerResponse, serve } from 'greenlets/http';
import pg from 'pg';
import { row } from './support/terminal.js';

/** What is asked by blocking calls. (Of the whole client, `green()` would lose the conditional types by which query() is described.) */
interface Database {
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
}

const schema = `greenlets_${process.pid}`;
const pool = new pg.Pool({ application_name: schema, options: `-c search_path=${schema}`, max: 10 });
// Not of the pool: when all of its connections are busy with what is to be cancelled, none is left to say so.
const canceller = new pg.Pool({ max: 1 });
const admin = green<Database>(canceller);
// A connection that breaks while nobody uses it is no matter: there will be another one.
for (const each of [pool, canceller]) each.on('error', () => {});

/** A connection of the pool for as long as `fn` runs. */
function withConnection<Result>(fn: (db: Connection) => Result): Result {
  const connecting = pool.connect();
  let client: pg.PoolClient;
  try {
    client = wait(connecting);
  } catch (error) {
    // Who is killed while the pool is empty leaves it a request that will be granted.
    connecting.then(
      (late) => late.release(),
      () => {},
    );
    throw error;
  }
  const db = new Connection(client);
  try {
    return fn(db);
  } finally {
    // With true, it is closed.
    client.release(db.isBroken);
  }
}

/** As withConnection(), in a transaction: undone by whatever `fn` throws, and when the task is killed. */
function transaction<Result>(fn: (db: Connection) => Result): Result {
  return withConnection((db) => {
    let isOver = false;
    try {
      db.query('BEGIN');
      const result = fn(db);
      db.query('COMMIT');
      isOver = true;
      return result;
    } catch (error) {
      if (!db.isBroken) db.query('ROLLBACK');
      isOver = true;
      throw error;
    } finally {
      if (!isOver) db.isBroken = true;
    }
  });
}

class Connection {
  readonly #client: pg.PoolClient;
  readonly #green: Green<Database>;
  /** Set when nobody may use it again, because what it is doing is not known. */
  isBroken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
    this.#green = green<Database>(client);
  }

  /** Blocks until the rows are there. When the task is killed meanwhile, the query has ended in the database, too. */
  query<Row extends pg.QueryResultRow>(text: string, ...values: unknown[]): Row[] {
    try {
      return this.#green.query(text, values).rows as Row[];
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) this.#cancel();
      throw error;
    }
  }

  #cancel(): void {
    const { processID } = this.#client as unknown as { processID: number };
    try {
      admin.query('SELECT pg_cancel_backend($1)', [processID]);
      // Queries of a connection take turns: this one comes after the end of the other, whether it was cancelled or just finished.
      this.#green.query('SELECT');
    } catch {
      this.isBroken = true;
    }
  }
}

interface Account {
  name: string;
  cents: number;
}

interface Transfer {
  from: string;
  to: string;
  cents: number;
}

const routes: Record<string, (request: ServerRequest, query: URLSearchParams) => unknown> = {
  'GET /account': (_, query) =>
    withConnection((db) => {
      const [account] = db.query<Account>('SELECT name, cents FROM account WHERE name = $1', query.get('name'));
      if (account === undefined) throw new HttpError(404, 'No such account');
      return account;
    }),

  // Some report that takes its time.
  'GET /report': (_, query) =>
    withConnection((db) => {
      db.query('SELECT pg_sleep($1)', Number(query.get('seconds') ?? 1));
      return db.query('SELECT count(*)::int AS accounts, sum(cents)::int AS cents FROM account')[0];
    }),

  'POST /transfer': (request, query) => {
    const { from, to, cents } = request.json() as Transfer;
    return transaction((db) => {
      // In one order everywhere, so that no two wait for each other.
      const both = db.query('SELECT FROM account WHERE name IN ($1, $2) ORDER BY name FOR UPDATE', from, to);
      if (both.length < 2) throw new HttpError(404, 'No such account');
      db.query('UPDATE account SET cents = cents + $1 WHERE name = $2', cents, to);
      // Waiting in the middle of a transaction: only this task and this connection stand still.
      sleep(Number(query.get('ms') ?? 5));
      db.query('UPDATE account SET cents = cents - $1 WHERE name = $2', cents, from);
      return db.query('SELECT name, cents FROM account WHERE name IN ($1, $2) ORDER BY name', from, to);
    });
  },
};

function handle(request: ServerRequest, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const route = routes[`${request.method} ${pathname}`];
  if (route === undefined) throw new HttpError(404, 'No such page');
  try {
    response.json(route(request, searchParams));
  } catch (error) {
    // The very errors of `pg`: class 23 are violated constraints. All others are failures of this server: 500.
    if (!(error instanceof pg.DatabaseError && error.code?.startsWith('23'))) throw error;
    response.statusCode = 409;
    response.json({ code: error.code, constraint: error.constraint });
  }
}

function createTables(): void {
  try {
    admin.query(`CREATE SCHEMA ${schema}`);
  } catch (cause) {
    throw new Error('There is no PostgreSQL to be used. Start one, and set PGHOST, PGUSER, PGDATABASE.', { cause });
  }
  admin.query(
    `CREATE TABLE ${schema}.account (name text PRIMARY KEY, cents int CONSTRAINT no_debts CHECK (cents >= 0))`,
  );
  admin.query(`INSERT INTO ${schema}.account VALUES ('ada', 10000), ('bob', 10000), ('cyd', 0)`);
}

function dropTables(): void {
  admin.query(`DROP SCHEMA ${schema} CASCADE`);
}

/** Blocks until so many of the program's connections are in this state, and what they were told last is like this. */
function waitForConnections(count: number, state: string, query: string): void {
  const text = 'SELECT FROM pg_stat_activity WHERE application_name = $1 AND state = $2 AND query LIKE $3';
  while (admin.query(text, [schema, state, query]).rowCount !== count) sleep(10);
}

function demonstrate(base: string): void {
  const get = (path: string) => fetch(base + path).json() as Record<string, unknown>;
  const post = (path: string, transfer: Transfer) => {
    const answer = fetch(base + path, { method: 'POST', body: JSON.stringify(transfer) });
    return { status: answer.status, body: answer.json() };
  };
  const balances = () =>
    Object.fromEntries(['ada', 'bob', 'cyd'].map((name) => [name, get(`/account?name=${name}`).cents]));

  let ticks = 0;
  const ticking = setInterval(() => ticks++, 1);
  const begin = performance.now();
  const reports = Array.from({ length: 40 }, () => spawn(() => get('/report?seconds=0.1')));
  joinAll(reports, { raise: true });
  for (const report of reports) assert.deepEqual(report.get(), { accounts: 3, cents: 20_000 });
  clearInterval(ticking);
  assert(ticks > 0, 'timers have to go on meanwhile');
  row('40 reports of 100 ms', `${Math.round(performance.now() - begin)} ms`, '', `by ${pool.totalCount} connections`);

  // Each pays each of the others, all at once: whatever the order, nothing is lost and nobody is in debt.
  const names = ['ada', 'bob', 'cyd'];
  const transfers = Array.from({ length: 60 }, (_, i) =>
    spawn(() => post('/transfer', { from: names[i % 3]!, to: names[(i + 1 + (i % 2)) % 3]!, cents: 1500 }).status),
  );
  joinAll(transfers, { raise: true });
  const statuses = transfers.map((transfer) => transfer.get());
  const done = statuses.filter((status) => status === 200).length;
  assert.equal(statuses.filter((status) => status === 409).length, 60 - done);
  assert.equal((get('/report?seconds=0') as { cents: number }).cents, 20_000);
  row('60 transfers at once', `${done} done`, `${60 - done} undone`);

  const before = balances();
  const refused = post('/transfer', { from: 'ada', to: 'cyd', cents: 1_000_000 });
  assert.deepEqual(refused, { status: 409, body: { code: '23514', constraint: 'no_debts' } });
  assert.equal(fetch(`${base}/account?name=dan`).status, 404);
  assert.deepEqual(balances(), before);
  row('one of too much', 'undone', '23514', 'no_debts');

  // More clients than connections. They go while ten of their queries run and the others wait for a connection.
  const impatient = Array.from({ length: 15 }, () => spawn(() => get('/report?seconds=3600')));
  waitForConnections(10, 'active', '%pg_sleep%');
  while (pool.waitingCount < 5) sleep(10);
  for (const client of impatient) client.kill();
  waitForConnections(0, 'active', '%pg_sleep%');
  while (pool.idleCount < 10 || pool.waitingCount > 0) sleep(10);
  row('15 clients who go', `${pool.totalCount} conns`, `${pool.idleCount} idle`, `${pool.waitingCount} waiting`);

  // One who goes in the middle of a transaction: it is undone, and its locks are gone.
  const gone = spawn(() => post('/transfer?ms=3600000', { from: 'ada', to: 'bob', cents: 1 }));
  waitForConnections(1, 'idle in transaction', 'UPDATE account%');
  gone.kill();
  const [payer] = Object.entries(before).find(([, cents]) => (cents as number) >= 100)!;
  const payee = names.find((name) => name !== payer)!;
  for (const [from, to] of [
    [payer, payee],
    [payee, payer],
  ] as const) {
    assert.equal(post('/transfer', { from, to, cents: 100 }).status, 200);
  }
  assert.deepEqual(balances(), before);
  row('one who goes in the middle', 'undone');
}

const { values } = parseArgs({ options: { listen: { type: 'string' } } });

await run(() => {
  createTables();
  const server = serve(handle, { port: Number(values.listen ?? 0), host: '127.0.0.1' });
  try {
    if (values.listen === undefined) demonstrate(`http://127.0.0.1:${server.port}`);
    else {
      console.log(`listening on 127.0.0.1:${server.port}`);
      once(process, 'SIGTERM');
    }
  } finally {
    server.stop();
    dropTables();
    for (const each of [pool, canceller]) green(each).end();
  }
});

/** One line for a summary. */
export const conclusion =
  'requests waited for PostgreSQL, each in a task; who went away left no query and no transaction behind';
