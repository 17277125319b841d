// Servers of a test's own: a real PostgreSQL, a real Redis, each with its data in a folder that goes with it. Not for where their
// programs are: find_program.ts.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A server that runs until it is stopped, at the latest until this process ends. */
export interface Service {
  /** What a program has to have in its environment to find it. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

/** Milliseconds: a guard against a hang, on a busy machine too. */
const patience = 120_000;

/** A PostgreSQL that listens on a socket in a folder, and on no port. `postgres` and `initdb` are the programs' files. */
export async function startPostgres(postgres: string, initdb: string): Promise<Service> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-postgres-'));
  const data = path.join(folder, 'data');
  // It refuses to run as root.
  const account = process.getuid?.() === 0 ? ownAccount(folder, 'postgres') : [];
  const env = { PGHOST: folder, PGUSER: 'postgres', PGDATABASE: 'postgres' };
  try {
    const settings = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--no-sync', '--no-locale'];
    const [command, ...args] = [...dyingWithUs(account), initdb, ...settings, '--encoding', 'UTF8'];
    await promisify(execFile)(command as string, args, { cwd: folder, timeout: patience });
    // Nothing here has to outlast a loss of power.
    const options = ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off', '-c', 'autovacuum=off'];
    const server = await started(
      [...dyingWithUs(account), postgres, ...options],
      folder,
      'ready to accept connections',
    );
    return { env, stop: () => stopped(server, folder) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A Redis on a free port that keeps its data in memory only. */
export async function startRedis(redis: string): Promise<Service> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-redis-'));
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
    try {
      const server = await started([...dyingWithUs([]), redis, ...options], folder, 'ready to accept connections');
      return { env: { REDIS_URL: `redis://127.0.0.1:${port}` }, stop: () => stopped(server, folder) };
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (/address already in use/i.test(String(error)) && tries < 10) continue;
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

/** What to put before a command, so that it ends when this process does, however that ends. */
function dyingWithUs(account: readonly string[]): string[] {
  return ['setpriv', ...account, '--pdeathsig', 'INT'];
}

/** The same, to run it as a user whose folder this is from now on. */
function ownAccount(folder: string, user: string): string[] {
  const [uid, gid] = ['-u', '-g'].map((option) => Number(execFileSync('id', [option, user], { encoding: 'utf8' })));
  chownSync(folder, uid as number, gid as number);
  return [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
}

async function started(command: string[], folder: string, sign: string): Promise<ChildProcess> {
  const [program, ...args] = command;
  const server = spawn(program as string, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const failed = new AbortController();
  const isReady = new Promise<void>((resolve) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.toLowerCase().includes(sign)) resolve();
      });
    }
  });
  const isOver = once(server, 'close', { signal: failed.signal });
  try {
    const outcome = await Promise.race([isReady.then(() => true), isOver.then(() => false), pause(patience, false)]);
    if (!outcome) throw new Error(`${command.join(' ')} does not start:\n${said}`);
    return server;
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  } finally {
    failed.abort();
    isOver.catch(() => {});
  }
}

async function stopped(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const isOver = once(server, 'exit');
    // For PostgreSQL this is the end without waiting for its clients.
    server.kill('SIGINT');
    await isOver;
  }
  rmSync(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
