// An HTTP server on several cores: a process for each, one hub each, one port for all. One that dies is replaced, and the others'
// connections do not notice.
//   node out/examples/cluster_server.js                 two workers, one is killed while clients talk, and what they see is checked
//   node out/examples/cluster_server.js --listen 8000   a worker for each core, until SIGTERM
import assert from 'node:assert/strict';
import cluster, { type Worker } from 'node:cluster';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { inTask, once, run, sleep, spawn } from 'greenlets';
import { serve } from 'greenlets/http';
import { connect, type Socket } from 'greenlets/net';

const { values } = parseArgs({ options: { listen: { type: 'string' } }, allowPositionals: true });

/** In each worker. */
function work(): void {
  const server = serve(
    (_, response) => {
      sleep(5);
      response.json({ worker: process.pid });
    },
    { port: Number(values.listen ?? 0), host: '127.0.0.1' },
  );
  process.send?.({ port: server.port });
  // The primary disconnects from those that are to end.
  once(process, 'disconnect');
  server.stop();
}

/** A worker that serves already, and on which port. */
function started(): { worker: Worker; port: number } {
  const worker = cluster.fork();
  const [{ port }] = once(worker, 'message');
  return { worker, port };
}

/** So many workers, of which each that dies is replaced. */
function keep(count: number): void {
  cluster.on(
    'exit',
    inTask((worker: Worker) => {
      if (worker.exitedAfterDisconnect) return;
      console.log(`worker ${worker.process.pid} has died`);
      started();
    }),
  );
  for (let i = 0; i < count; i++) console.log(`a worker serves on port ${started().port}`);
}

/** A connection that is kept, and which worker is at its other end. */
class Client {
  readonly #socket: Socket;
  readonly pid: number;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.pid = this.ask() as number;
  }

  /** The worker that answers; null when the connection is broken. */
  ask(): number | null {
    try {
      this.#socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      const head = this.#socket.readUntil('\r\n\r\n').toString();
      const body = this.#socket.readExactly(Number(/content-length: (\d+)/i.exec(head)?.[1]));
      return (JSON.parse(body.toString()) as { worker: number }).worker;
    } catch {
      return null;
    }
  }

  close(): void {
    this.#socket.close();
  }
}

function demonstrate(): void {
  const { worker: first, port } = started();
  const { worker: second } = started();
  const pids = [first, second].map((worker) => worker.process.pid as number);
  const clients = Array.from({ length: 8 }, () => new Client(port));
  assert.deepEqual(new Set(clients.map(({ pid }) => pid)), new Set(pids));
  console.log(`  ${clients.length} connections, shared by two workers`);

  const replacing = spawn(() => {
    once(first, 'exit');
    return started().worker;
  });
  sleep();
  first.process.kill('SIGKILL');
  const replacement = replacing.get();
  const kept = clients.filter((client) => client.pid !== pids[0]);
  assert.ok(kept.every((client) => client.ask() === pids[1]));
  const broken = clients.filter((client) => client.pid === pids[0]);
  assert.ok(broken.every((client) => client.ask() === null));
  console.log(`  one worker is killed and replaced: the ${kept.length} connections of the other go on`);

  const later = Array.from({ length: 8 }, () => new Client(port));
  assert.deepEqual(new Set(later.map(({ pid }) => pid)), new Set([pids[1], replacement.process.pid]));
  console.log('  new connections are shared by the other one and the replacement');

  for (const client of [...clients, ...later]) client.close();
  const exits = [second, replacement].map((worker) => spawn(() => once(worker, 'exit')[0] as number));
  sleep();
  for (const worker of [second, replacement]) worker.disconnect();
  assert.deepEqual(
    exits.map((exit) => exit.get()),
    [0, 0],
  );
  console.log('  both end when they are told to, with 0');
}

await run(() => {
  if (cluster.isWorker) work();
  else if (values.listen === undefined) demonstrate();
  else {
    keep(os.availableParallelism());
    once(process, 'SIGTERM');
    for (const worker of Object.values(cluster.workers ?? {})) worker?.disconnect();
  }
});

/** One line for a summary. */
export const conclusion =
  'two workers served one port; one was killed and replaced, the connections of the other went on';
