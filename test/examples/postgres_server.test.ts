// The server with a slow database, on a PostgreSQL of the test's own, which says what is left behind.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Readable } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findProgram, postgresFolders } from '../helpers/find_program.js';
import { type Service, startPostgres } from '../helpers/service.js';
import { compiled, patience, runExample } from './run_example.js';

const [postgres, initdb] = ['postgres', 'initdb'].map((name) => findProgram(name, 'postgresql', postgresFolders()));

describe.skipIf(!postgres || !initdb)('postgres_server', { timeout: patience }, () => {
  let service: Service;
  let database: pg.Client;
  let server: ChildProcessByStdio<null, Readable, Readable> | null = null;

  beforeAll(async () => {
    service = await startPostgres(postgres!, initdb!);
    const { PGHOST, PGUSER, PGDATABASE } = service.env;
    database = new pg.Client({ host: PGHOST!, user: PGUSER!, database: PGDATABASE! });
    await database.connect();
  }, patience);

  // What a test that failed may have left.
  beforeEach(async () => {
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
    );
  });

  afterAll(async () => {
    server?.kill('SIGKILL');
    await database?.end();
    await service?.stop();
  });

  async function listening(): Promise<string> {
    server = spawn(process.execPath, [compiled('postgres_server'), '--listen', '0'], {
      env: { ...process.env, ...service.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    server.stderr.pipe(process.stderr);
    const [line] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string];
    return `http://${/\S+$/.exec(line.trim())![0]}`;
  }

  /** What other connections do at the moment. */
  async function others(): Promise<{ state: string; query: string }[]> {
    const { rows } = await database.query(
      "SELECT state, query FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
    );
    return rows;
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it('keeps transactions whole, and takes back the connections of clients who go', async () => {
    const { status, stdout, stderr } = await runExample('postgres_server', [], [], service.env);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '));
    expect(lines).toEqual([
      expect.stringMatching(/^40 reports of 100 ms \| \d+ ms \| by 10 connections$/),
      expect.stringMatching(/^60 transfers at once \| \d+ done \| \d+ undone$/),
      'one of too much | undone | 23514 | no_debts',
      '15 clients who go | 10 conns | 10 idle | 0 waiting',
      'one who goes in the middle | undone',
      '',
    ]);
    const { rows } = await database.query("SELECT FROM pg_namespace WHERE nspname LIKE 'greenlets%'");
    expect(rows).toEqual([]);
    await until(async () => (await others()).length === 0);
  });

  it('cancels the query of a client who goes, as the database sees it, and ends at SIGTERM', async () => {
    const base = await listening();
    const accounts = await (await fetch(`${base}/report?seconds=0`)).json();
    expect(accounts).toEqual({ accounts: 3, cents: 20_000 });

    const client = request(`${base}/report?seconds=3600`).on('error', () => {});
    client.end();
    const isAsleep = async () =>
      (await others()).some(({ state, query }) => state === 'active' && query.includes('pg_sleep'));
    await until(isAsleep);
    client.destroy();
    await until(async () => !(await isAsleep()));
    expect(await (await fetch(`${base}/report?seconds=0`)).json()).toEqual(accounts);

    server!.kill('SIGTERM');
    const [status] = await once(server!, 'exit');
    expect(status).toBe(0);
    await until(async () => (await others()).length === 0);
  });
});

it('says what to do where no PostgreSQL is', { timeout: patience }, async () => {
  const { status, stderr } = await runExample('postgres_server', [], [], { PGHOST: '/nowhere' });
  expect(status).toBe(1);
  expect(stderr).toContain('There is no PostgreSQL to be used. Start one, and set PGHOST');
});
