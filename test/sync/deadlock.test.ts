// When tasks wait for each other for ever, LoopExit says who holds what, and who waits for what.
import { expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

async function loopExitOf(program: string): Promise<{ message: string; parked: [string, string][] }> {
  const { code, stdout, stderr } = await runFixture('sync/deadlock', [program]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

it('a circle of locks is listed: who holds which, who waits for which', async () => {
  const { message, parked } = await loopExitOf('circle');
  expect(parked).toEqual([
    ['main task', 'joinAll()'],
    ['Kant', "acquire(<RLock 'right' locked, held by 'Hume', 1 waiting>)"],
    ['Hume', "acquire(<RLock 'left' locked, held by 'Kant', 1 waiting>)"],
  ]);
  expect(message).toContain("  'Kant' waits in acquire(<RLock 'right' locked, held by 'Hume', 1 waiting>)\n");
});

it('holders that are dead are listed, too', async () => {
  const { message, parked } = await loopExitOf('forgotten');
  const waitsFor = "acquire(<Semaphore 'connections' locked, held by 'first' (dead), 'second' (dead), 2 waiting>)";
  expect(parked).toEqual([
    ['main task', waitsFor],
    ['waiter', waitsFor],
  ]);
  expect(message).toContain(`The main task 'main task' waits in ${waitsFor}.`);
});

it('every primitive is shown with its name and state', async () => {
  const { parked } = await loopExitOf('all');
  expect(parked).toEqual([
    ['main task', "acquire(<Semaphore 'mutex' locked, held by 'main task', 1 waiting>)"],
    ['of an event', "wait(<Event 'started' clear, 1 waiting>)"],
    ['of a result', "get(<AsyncResult 'answer' pending, 1 waiting>)"],
    ['of a condition', "waitFor(<Condition 'filled' of <RLock free>, 1 waiting>)"],
  ]);
});

it('a condition whose lock cannot be had again does not wait for ever', async () => {
  const { parked } = await loopExitOf('condition');
  expect(parked).toEqual([['main task', "acquire(<RLock 'lock' locked, held by 'thief' (dead), 1 waiting>)"]]);
});
