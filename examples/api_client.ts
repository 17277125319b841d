// A client of an API that is slow, fails now and then, and allows only so many requests: each request has a time limit and is tried
// again, eight are under way at once, and all together keep to the rate. Straight-line code, against a server in this process.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inTask, joinAll, once, run, sleep, spawn, Timeout, wait, withTimeout } from 'greenlets';
import { row } from './support/terminal.js';

const orders = 40;
const workers = 8;

/** Milliseconds for one try, from the request to the last byte of the answer. */
const timeLimit = 1000;

const mostTries = 5;

/** An answer that another try may change. */
class Temporary extends Error {
  constructor(
    readonly status: number,
    /** Milliseconds until the next try, if the server says. */
    readonly retryAfter?: number,
  ) {
    super(`the server answered ${status}`);
  }
}

/** Lets through one call in so many milliseconds; who comes early waits. No lock is needed: nothing runs between two blocking calls. */
class RateLimit {
  readonly #interval: number;
  #next = 0;

  constructor(interval: number) {
    this.#interval = interval;
  }

  wait(): void {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#interval;
    if (at > now) sleep(at - now);
  }
}

/** Calls `attempt` until it succeeds, up to `mostTries` times, with longer and longer pauses. */
function retrying<Result>(attempt: () => Result): Result {
  for (let tries = 1; ; tries++) {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof Temporary || error instanceof Timeout) || tries === mostTries) throw error;
      tally(error instanceof Temporary ? String(error.status) : 'timed out');
      sleep((error instanceof Temporary && error.retryAfter) || 10 * 2 ** tries);
    }
  }
}

/** One try. A time limit ends the request, too: a promise cannot be cancelled, but fetch() can. */
function get(url: string): unknown {
  const abort = new AbortController();
  try {
    return withTimeout(timeLimit, () => {
      const response = wait(fetch(url, { signal: abort.signal }));
      if (response.status === 429 || response.status >= 500) {
        const seconds = response.headers.get('retry-after');
        throw new Temporary(response.status, seconds === null ? undefined : Number(seconds) * 1000);
      }
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      return wait(response.json());
    });
  } finally {
    abort.abort();
  }
}

interface Order {
  id: number;
  total: number;
}

function fetchAll(base: string): Order[] {
  const rate = new RateLimit(5);
  const ids = Array.from({ length: orders }, (_, i) => i + 1).values();
  const received: Order[] = [];
  const tasks = Array.from({ length: workers }, () =>
    spawn(() => {
      for (const id of ids) {
        const order = retrying(() => {
          rate.wait();
          return get(`${base}/orders/${id}`) as Order;
        });
        tally('200');
        received.push(order);
      }
    }),
  );
  joinAll(tasks, { raise: true });
  return received.sort((a, b) => a.id - b.id);
}

const outcomes: Record<string, number> = { '200': 0, '429': 0, '503': 0, 'timed out': 0 };

function tally(outcome: string): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
}

/** The first try of some orders goes wrong, each in its own way; the second of one, too. */
function troublesomeServer(): Server {
  const tries = new Map<number, number>();
  return createServer(
    inTask((request: IncomingMessage, response: ServerResponse) => {
      const id = Number(request.url?.split('/').at(-1));
      const attempt = (tries.get(id) ?? 0) + 1;
      tries.set(id, attempt);
      sleep(20);
      if (attempt === 1 && id % 8 === 1) response.writeHead(503).end('not now');
      else if (attempt === 1 && id % 8 === 2) response.writeHead(429, { 'retry-after': '0.05' }).end('too many');
      else if (attempt === 1 && id % 20 === 3)
        once(response, 'close'); // never answers
      else if (attempt === 2 && id === 3) response.writeHead(503).end('not now');
      else response.setHeader('content-type', 'application/json').end(JSON.stringify({ id, total: id * id }));
    }),
  );
}

await run(() => {
  const server = troublesomeServer().listen(0, '127.0.0.1');
  once(server, 'listening');
  try {
    const received = fetchAll(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    assert.deepEqual(
      received,
      Array.from({ length: orders }, (_, i) => ({ id: i + 1, total: (i + 1) ** 2 })),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

row('answers', ...Object.keys(outcomes));
row('', ...Object.values(outcomes).map(String));
console.log(`\n  All ${orders} orders are there.`);

/** One line for a summary. */
export const conclusion = `${orders} orders fetched from a server that was slow, failed, and wanted fewer requests`;
