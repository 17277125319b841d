// run(): a program in a task, started from plain Node code; and what happens when such a program waits for what cannot come any more.
import { LoopExit, type ParkedTask } from '../core/upper.js';
import { setImmediate } from './clock.js';
import { Injection } from './injection.js';
import { addLink, type Link, notify } from './links.js';
import { checkFunction, checkOptions, type WaitOptions } from './options.js';
import { type Parkable, parkedIn } from './parkable.js';
import { spawn } from './spawn.js';
import { withoutOwnFrames } from './spawning_stack.js';
import { liveTasks, type Task } from './task.js';
import { Waiter } from './waiter.js';

/** The main tasks that have not ended, oldest first. */
const mains = new Set<Task>();
/** Those who wait for the event loop's end, in their order. */
const loopEndWaiters = new Set<Waiter>();

/**
 * Starts `main` in a task, as a program's main function, and returns a promise of its result. For plain Node code: the top level of a
 * program, an async function, a test. It can be called several times.
 *
 * When the event loop has nothing left to do while a main task is still waiting, LoopExit is thrown into it: nobody could wake it any
 * more. The error says what it waits for, and lists every other task that is parked.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `main` is no function.
 * @example
 * const text = await run((name: string) => {
 *   sleep(10);
 *   return `hello ${name}`;
 * }, 'world');
 * // text: 'hello world'
 */
export function run<Args extends unknown[], Result>(
  main: (...args: Args) => Result,
  ...args: Args
): Promise<Awaited<Result>> {
  checkFunction('run()', main);
  const task = spawn(main, ...args);
  mains.add(task);
  task[addLink](mainEnded);
  watchLoop();
  return task.promise as Promise<Awaited<Result>>;
}

const mainEnded: Link = {
  [notify](task: unknown): void {
    mains.delete(task as Task);
    watchLoop();
  },
};

/**
 * Blocks until the event loop has nothing left to do: no timer, no I/O, nobody ready. (Main tasks that wait are not something to do.)
 * @internal
 */
export function waitForLoopEnd(options?: WaitOptions): void {
  checkOptions(options);
  const waiter = new Waiter('hub.join');
  loopEndWaiters.add(waiter);
  watchLoop();
  try {
    waiter.park(options);
  } finally {
    loopEndWaiters.delete(waiter);
    watchLoop();
  }
}

let isWatching = false;

/** Listens to the event loop's end while that matters to anybody. */
function watchLoop(): void {
  const matters = mains.size > 0 || loopEndWaiters.size > 0;
  if (matters === isWatching) return;
  isWatching = matters;
  if (matters) process.on('beforeExit', loopEnded);
  else process.off('beforeExit', loopEnded);
}

function loopEnded(): void {
  if (loopEndWaiters.size > 0) {
    for (const waiter of loopEndWaiters) waiter.wake();
  } else {
    // One after the other: its end may be what the next one waits for.
    const [main] = mains as Set<Task>;
    if (main !== undefined) new Injection(main, loopExit(main));
  }
  // Another turn of the loop; at its end we are asked again, whatever they do.
  setImmediate(() => {});
}

const mostListed = 20;

function loopExit(main: Task): LoopExit {
  const others = liveTasks().filter((task) => task !== main && task.stack !== null);
  const parked = [main, ...others].map(parkedTask);
  const lines = [
    'This operation would block forever: the event loop has nothing left to do that could wake anybody.',
    `The main task ${sentence(parked[0] as ParkedTask)}.`,
  ];
  if (others.length > 0) {
    lines.push(`${others.length === 1 ? 'One other task is' : `${others.length} other tasks are`} parked:`);
    for (const task of parked.slice(1, mostListed + 1)) lines.push(`  ${sentence(task)}`, indented(task.stack));
    if (others.length > mostListed)
      lines.push(`  … and ${others.length - mostListed} more: see the property \`parked\` of this error.`);
  }
  const error = new LoopExit(lines.join('\n'), parked);
  // It is thrown there, and made here.
  error.stack = `${error.name}: ${error.message}\n${parked[0]?.stack}`;
  return error;
}

function parkedTask(task: Task): ParkedTask {
  return {
    name: task.name,
    waitsFor: (task as Parkable)[parkedIn]?.description ?? null,
    stack: withoutOwnFrames(task.stack ?? '').join('\n'),
  };
}

function sentence({ name, waitsFor }: ParkedTask): string {
  return `'${name}' waits in ${waitsFor ?? 'a switch() to another greenlet'}`;
}

function indented(stack: string | null): string {
  return (stack ?? '').replaceAll(/^/gm, '  ');
}
