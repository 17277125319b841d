// A database transaction with waiting in its middle: better-sqlite3, whose transactions are synchronous functions. An async function
// cannot be one (better-sqlite3 refuses it: BEGIN and COMMIT would both be over before its first await). A function that waits can.
//
// While one task waits inside its transaction, others run; and a connection has one transaction at a time. What they would write through the
// same connection would be part of that transaction, and be undone with it. So transactions take turns: `transferInTurn` below. (A connection for
// each task is no way around: SQLite's own locks block the whole thread, and with it the task that holds the lock. With
// `{ timeout: 0 }` they throw SQLITE_BUSY instead, and the task has to sleep() and try again.)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { RLock, run, sleep, spawn, type Task, wait } from 'greenlets';
import { row } from './support/terminal.js';

// better-sqlite3 is no dependency of this repository: the script fetches it, and builds it for this Node, once.
const builder = path.join(import.meta.dirname, '..', '..', 'scripts', 'build_sqlite.mjs');
const built = execFileSync(process.execPath, [builder], { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
const { entry, addon } = JSON.parse(built) as { entry: string; addon: string };
const Database = createRequire(import.meta.url)(entry) as typeof import('better-sqlite3');
const db = new Database(':memory:', { nativeBinding: addon });

db.exec('CREATE TABLE accounts (name TEXT PRIMARY KEY, cents INTEGER NOT NULL CHECK (cents >= 0))');
const change = db.prepare('UPDATE accounts SET cents = cents + ? WHERE name = ?');

let bankIsOpen = true;

/** Some service elsewhere that takes its time, or never answers. */
async function bankAllows(cents: number): Promise<boolean> {
  await new Promise((resolve) => {
    if (bankIsOpen) setTimeout(resolve, 20);
  });
  return cents <= 50_00;
}

const transfer = db.transaction((from: string, to: string, cents: number) => {
  change.run(-cents, from);
  const allowed = wait(bankAllows(cents));
  if (!allowed) throw new Error(`${cents / 100} are too much`);
  change.run(cents, to);
});

/** Whoever holds it has the connection: the others wait, in the order in which they came. */
const connection = new RLock();

function transferInTurn(from: string, to: string, cents: number): void {
  using _ = connection.hold();
  transfer(from, to, cents);
}

/** All at once, each in a task of its own. Gives what became of them. */
function transfers(takeTurns: boolean, ...list: [from: string, to: string, cents: number][]): string[] {
  const tasks = list.map((args) => spawn(takeTurns ? transferInTurn : transfer, ...args));
  return tasks.map(outcomeOf);
}

function outcomeOf(task: Task): string {
  try {
    task.get();
    return 'done';
  } catch (error) {
    return `undone: ${(error as Error).message.replaceAll(/\s+/g, ' ')}`;
  }
}

/** In dollars. */
function balances(): Record<string, number> {
  const rows = db.prepare<[], { name: string; cents: number }>('SELECT name, cents FROM accounts ORDER BY name').all();
  return Object.fromEntries(rows.map(({ name, cents }) => [name, cents / 100]));
}

function startAgain(): void {
  db.exec("DELETE FROM accounts; INSERT INTO accounts VALUES ('ada', 10000), ('bob', 10000), ('cyd', 0)");
}

function show(title: string, outcomes: string[] = []): void {
  row(title, ...Object.entries(balances()).map(([name, dollars]) => `${name} ${dollars}`), '', outcomes.join(', '));
}

let ticks = 0;
const ticking = setInterval(() => ticks++, 1);

await run(() => {
  startAgain();
  show('at first');

  // Rolls back on an error, while timers tick.
  const before = ticks;
  const [outcome] = transfers(true, ['ada', 'cyd', 60_00]);
  show('one that is refused', [outcome as string]);
  assert.deepEqual([outcome, balances()], ['undone: 60 are too much', { ada: 100, bob: 100, cyd: 0 }]);
  assert(ticks > before, 'the timer has to tick while the transaction waits');
  console.log(`  (the timer ticked ${ticks - before} times meanwhile)`);

  // Others get ahead of a transaction only between its turns: what they did stays, what it did is undone.
  const outcomes = transfers(true, ['ada', 'cyd', 60_00], ['bob', 'cyd', 10_00], ['ada', 'cyd', 20_00]);
  show('three at once, in turn', outcomes);
  assert.deepEqual(outcomes, ['undone: 60 are too much', 'done', 'done']);
  assert.deepEqual(balances(), { ada: 80, bob: 90, cyd: 30 });

  // And this is why they have to take turns: the first one's rollback takes the second one's half along, and cyd is paid by nobody.
  startAgain();
  show('two at once, not in turn', transfers(false, ['ada', 'cyd', 60_00], ['bob', 'cyd', 10_00]));
  assert.deepEqual(balances(), { ada: 100, bob: 100, cyd: 10 });

  // Whoever is killed while their transaction waits rolls back, too.
  startAgain();
  bankIsOpen = false;
  const waiting = spawn(transferInTurn, 'ada', 'cyd', 10_00);
  while (!db.inTransaction) sleep();
  waiting.kill();
  show('one that is killed');
  assert.deepEqual([db.inTransaction, balances()], [false, { ada: 100, bob: 100, cyd: 0 }]);
});

clearInterval(ticking);
db.close();

/** One line for a summary. */
export const conclusion = 'transactions waited in their middle, took turns, and rolled back while timers ticked';
