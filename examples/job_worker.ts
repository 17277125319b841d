// Jobs for many machines: BullMQ keeps them in Redis until they are done, and each is handled by ordinary blocking code in a task.
//   node out/examples/job_worker.js          a lead and two workers, one is killed in mid-job, and what became of each job is checked
//   node out/examples/job_worker.js --work   a worker, until SIGTERM: as many as you like, on as many machines
// Redis is where REDIS_URL says, or else on this machine.
//
// A queue does a job at least once: when a worker dies in mid-job, another one does the job again, and the queue cannot know what the
// first one had already done. Here the first one had charged the customer. That nobody pays twice is up to the handler: it
// gives its request a key that is the same at each attempt, and the bank books a key once.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { type Job, Queue, QueueEvents, Worker } from 'bullmq';
import { green, inTask, iterate, joinAll, once, run, sleep, spawn, wait, withTimeout } from 'greenlets';
import { Redis } from 'ioredis';
import { row } from './support/terminal.js';

interface Invoice {
  bank: string;
  customer: string;
  cents: number;
}

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
const connection = { url, maxRetriesPerRequest: null };
const jobsAtOnce = 4;

const { values } = parseArgs({
  options: { work: { type: 'boolean' }, queue: { type: 'string', default: 'invoices' } },
});

/** What a job is: straight-line code, which waits where it has to. Gives the process that has done it. */
function charge(job: Job<Invoice, number>): number {
  const { bank, customer, cents } = job.data;
  const body = JSON.stringify({ key: job.id, customer, cents, worker: process.pid });
  const response = withTimeout(60_000, () => wait(fetch(bank, { method: 'POST', body })));
  if (!response.ok) throw new Error(`The bank answers ${response.status}`);
  sleep(5);
  return process.pid;
}

function work(): void {
  const worker = new Worker<Invoice, number>(values.queue, inTask(charge), {
    connection,
    concurrency: jobsAtOnce,
    // Milliseconds after which a worker that gives no sign of life has lost its jobs, and how often the others look. Short, for the show:
    // a worker that only was too busy to give one loses them, too.
    lockDuration: 3000,
    stalledInterval: 1000,
    maxStalledCount: 100,
  });
  worker.on('error', (error) => console.error(`worker ${process.pid}: ${error.message}`));
  // Started by a lead that has gone: there is nobody to work for.
  process.once('disconnect', () => process.exit());
  once(process, 'SIGTERM');
  // Blocks until the jobs that are under way are done.
  green(worker).close();
  if (process.connected) process.disconnect();
}

/** A bank that books a charge at once, but answers only when it has been opened. */
class Bank {
  readonly #server: Server;
  #open!: () => void;
  readonly #isOpen: Promise<void> = new Promise((resolve) => {
    this.#open = resolve;
  });
  /** The workers that have asked, for each key. */
  readonly attempts: Map<string, number[]> = new Map();
  /** Cents, for each key. */
  readonly booked: Map<string, number> = new Map();

  constructor() {
    this.#server = createServer(
      inTask((request: IncomingMessage, response: ServerResponse) => {
        const { key, cents, worker } = JSON.parse([...iterate<string>(request.setEncoding('utf8'))].join(''));
        this.attempts.set(key, [...(this.attempts.get(key) ?? []), worker]);
        this.booked.set(key, cents);
        wait(this.#isOpen);
        response.end();
      }),
    );
    this.#server.listen(0, '127.0.0.1');
    once(this.#server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/charges`;
  }

  open(): void {
    this.#open();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function startWorker(): ChildProcess {
  return fork(import.meta.filename, ['--work', '--queue', values.queue]);
}

/** Jobs that a worker has begun. */
function begunBy(worker: ChildProcess, bank: Bank): string[] {
  return [...bank.attempts].filter(([, pids]) => pids.includes(worker.pid!)).map(([key]) => key);
}

function demonstrate(queue: Queue<Invoice, number>, bank: Bank, events: QueueEvents): void {
  const invoices = Array.from({ length: 20 }, (_, i) => ({
    name: 'charge',
    data: { bank: bank.url, customer: `customer ${i}`, cents: 100 * (i + 1) },
  }));
  const jobs = wait(queue.addBulk(invoices));
  const results = jobs.map((job) => spawn(() => wait(job.waitUntilFinished(events))));

  const [first, second] = [startWorker(), startWorker()];
  try {
    for (const worker of [first, second]) while (begunBy(worker, bank).length < jobsAtOnce) sleep(10);
    const unfinished = begunBy(first, bank);
    row('both in mid-job', `${bank.attempts.size} begun`, `${bank.booked.size} booked`);

    first.kill('SIGKILL');
    once(first, 'exit');
    bank.open();
    joinAll(results, { raise: true });

    // Nothing is lost: all are done, what the first had begun by the second.
    const doers = new Set(results.map((result) => result.get()));
    assert.deepEqual(doers, new Set([second.pid]));
    assert.deepEqual(green(queue).getJobCounts('completed', 'failed', 'active', 'waiting'), {
      completed: 20,
      failed: 0,
      active: 0,
      waiting: 0,
    });
    row('one is killed', `${results.length} done`, '0 lost');

    // At least once: each attempt of the first has another one after it. (The second's own are one each, if it was never too busy.)
    for (const job of jobs) {
      const attempts = bank.attempts.get(job.id!)!;
      assert.equal(attempts.includes(first.pid!), unfinished.includes(job.id!));
      assert(attempts.includes(second.pid!));
    }
    row('at least once', `${unfinished.length} done twice`);

    // And the effect once, thanks to the key.
    assert.deepEqual(
      jobs.map((job) => bank.booked.get(job.id!)),
      invoices.map(({ data }) => data.cents),
    );
    assert.equal(bank.booked.size, 20);
    row('charged once', `${bank.booked.size} booked`);

    second.kill('SIGTERM');
    if (second.exitCode === null) once(second, 'exit');
    assert.equal(second.exitCode, 0);
    row('the other is told to end', 'exit 0');
  } finally {
    for (const worker of [first, second]) worker.kill('SIGKILL');
  }
}

function lead(): void {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null });
  try {
    green(redis).connect();
  } catch (cause) {
    throw new Error(`There is no Redis at ${url}. Start one, or set REDIS_URL to where it is.`, { cause });
  } finally {
    redis.disconnect();
  }
  const queue = new Queue<Invoice, number>(values.queue, { connection });
  const events = new QueueEvents(values.queue, { connection });
  // Each job that is waited for listens.
  for (const each of [queue, events]) each.setMaxListeners(0);
  const bank = new Bank();
  try {
    green(events).waitUntilReady();
    demonstrate(queue, bank, events);
  } finally {
    bank.close();
    green(queue).obliterate({ force: true });
    for (const each of [queue, events]) green(each).close();
  }
}

if (!values.work) values.queue = `invoices-${process.pid}`;
await run(values.work ? work : lead);

/** One line for a summary. */
export const conclusion =
  'two workers shared the jobs of a queue; one was killed in mid-job, and nothing was lost or charged twice';
