// spawn() and spawnLater(): the usual ways to a task.
import { spawningStackLimit } from './spawning_stack.js';
import { Task } from './task.js';

/**
 * Makes a task of a call and starts it. Nothing runs yet: tasks start in the order of spawning, when the current greenlet blocks or ends.
 * It can be called anywhere, in a callback of the event loop too.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `fn` is no function.
 * @example
 * run(() => {
 *   const task = spawn((name: string) => `hello ${name}`, 'world');
 *   task.ready; // false
 *   task.get(); // 'hello world'
 * });
 */
export function spawn<Args extends unknown[], Result>(fn: (...args: Args) => Result, ...args: Args): Task<Result> {
  const task = new Task(fn, ...args);
  task.start();
  return task;
}

/**
 * As `spawn()`, but the task becomes ready only after `ms` milliseconds. Until then it keeps the process alive; `kill()` takes it back.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `ms` is no number or `fn` no function.
 * @example
 * run(() => {
 *   const task = spawnLater(10, () => 'now');
 *   task.get(); // 'now'
 * });
 */
export function spawnLater<Args extends unknown[], Result>(
  ms: number,
  fn: (...args: Args) => Result,
  ...args: Args
): Task<Result> {
  const task = new Task(fn, ...args);
  task.startLater(ms);
  return task;
}

/**
 * As `spawn()`, for tasks that the library makes by itself: where they were spawned says nothing to anybody, and to keep it would take
 * longer than all the rest.
 */
export function spawnOwn<Args extends unknown[], Result>(fn: (...args: Args) => Result, ...args: Args): Task<Result> {
  const { frames } = spawningStackLimit;
  spawningStackLimit.frames = 0;
  let task: Task<Result>;
  try {
    task = new Task(fn, ...args);
  } finally {
    spawningStackLimit.frames = frames;
  }
  task.start();
  return task;
}
