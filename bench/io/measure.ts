// A measuring program: `measure.js <command> <serving program> <contender's file> <function> <message> <connections> <ms to warm up> <ms>`
// starts the server on one processor, asks it from another one over so many connections at once, and prints how many answers came in a
// second, with how long they took. Not for what a server can take at most: each connection waits for its answer.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { quantile } from '../statistics.js';
import { Asker, type Heard, messages } from './client.js';

const [command, program, file, name, message, connections, warmUp, measured] = process.argv.slice(2);
const canPin = os.cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0;

const server = startServer();
server.on('exit', (code, signal) => {
  throw new Error(`the server ended: ${signal ?? code}`);
});
const [line] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string];
const { port } = JSON.parse(line) as { port: number };
if (canPin) spawnSync('taskset', ['-acp', '0', String(process.pid)]);

const times: number[] = [];
let counts = false;
/** Connections that have not had an answer yet. */
let silent = Number(connections);

function listener(): Heard {
  let isFirst = true;
  return (milliseconds) => {
    if (isFirst) silent--;
    isFirst = false;
    if (counts) times.push(milliseconds);
  };
}

const askers: Asker[] = [];
for (let i = 0; i < Number(connections); i++) askers.push(await Asker.connect(port, messages[message!]!, listener()));
for (const asker of askers) asker.ask();
do await setTimeout(Number(warmUp));
while (silent > 0);
counts = true;
const started = { at: performance.now(), processor: processorTime(server.pid!) };
do await setTimeout(Number(measured));
while (times.length === 0);
counts = false;
const took = performance.now() - started.at;
const processor = processorTime(server.pid!) - started.processor;

server.removeAllListeners('exit');
server.kill('SIGKILL');
const parts = {
  processor: (processor / times.length) * 1e6,
  p50: quantile(times, 0.5),
  p99: quantile(times, 0.99),
};
console.log(JSON.stringify({ value: (times.length / took) * 1000, parts }));
process.exit();

function startServer(): ChildProcess {
  const serving = [...(program!.endsWith('.js') ? process.execArgv : []), program!, file!, name!];
  const [executable, args] = canPin ? ['taskset', ['-c', '1', command!, ...serving]] : [command!, serving];
  // It ends with the pipe that is its standard input, whatever ends this process.
  return spawn(executable, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Seconds that a process has used, all its threads together. */
function processorTime(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 13);
  // A hundredth of a second is what Linux counts in here, whatever its clock.
  return (Number(user) + Number(system)) / 100;
}
