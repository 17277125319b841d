// What tasks coordinate by. Each function does what the one of the same name in python3_gevent.py does.
import { AsyncResult, Channel, Event, Pool, Queue, run, Semaphore, sleep, spawn, Task } from 'greenlets';
import type { Timed } from '../time_per_operation.js';

/** One task puts, another one gets. */
export function transfer(maxsize: number): Timed {
  const queue = new Queue<number>({ maxsize });
  return {
    parameter: queue.maxsize,
    run: (operations) =>
      run(() => {
        spawn(() => {
          for (let i = 0; i < operations; i++) queue.put(1);
        });
        let answered = 0;
        for (let i = 0; i < operations; i++) answered += queue.get();
        return answered;
      }),
  };
}

/** So many tasks wait for the same event, which is set. Then for another one. */
export async function wakeAll(tasks: number): Promise<Timed> {
  let event = new Event();
  let everybody = new Event();
  let waiting = 0;
  let answered = 0;

  function waitAgainAndAgain(): void {
    for (;;) {
      if (++waiting === tasks) everybody.set();
      event.wait();
      answered++;
    }
  }

  await run(() => {
    for (let i = 0; i < tasks; i++) spawn(waitAgainAndAgain);
    everybody.wait();
  });
  return {
    parameter: waiting,
    together: tasks,
    run: (operations) =>
      run(() => {
        answered = 0;
        for (let i = 0; i < operations; i += tasks) {
          const occurred = event;
          event = new Event();
          everybody = new Event();
          waiting = 0;
          occurred.set();
          everybody.wait();
        }
        return answered;
      }),
  };
}

/** A semaphore that nobody else wants. */
export function acquireAndRelease(value: number): Timed {
  const semaphore = new Semaphore(value);
  return {
    parameter: semaphore.counter,
    run: (operations) =>
      run(() => {
        let answered = 0;
        for (let i = 0; i < operations; i++) {
          semaphore.acquire();
          answered++;
          semaphore.release();
        }
        return answered;
      }),
  };
}

/** A semaphore that so many tasks want, and that each holds for one turn. */
export function contend(tasks: number): Timed {
  const semaphore = new Semaphore(1);
  return {
    parameter: tasks,
    together: tasks * 10,
    run: (operations) =>
      run(() => {
        let answered = 0;
        const all = Array.from({ length: tasks }, () =>
          spawn(() => {
            for (let i = 0; i < operations / tasks; i++) {
              semaphore.acquire();
              sleep(0);
              answered++;
              semaphore.release();
            }
          }),
        );
        for (const task of all) task.join();
        return answered;
      }),
  };
}

/** One task gives, another one takes: both meet. */
export function rendezvous(parameter: number): Timed {
  const channel = new Channel<number>();
  return {
    parameter,
    run: (operations) =>
      run(() => {
        spawn(() => {
          for (let i = 0; i < operations; i++) channel.put(1);
        });
        let answered = 0;
        for (let i = 0; i < operations; i++) answered += channel.get();
        return answered;
      }),
  };
}

/** There and back: one task sets what another one waits for, and waits for the answer. */
export function askAndAnswer(parameter: number): Timed {
  return {
    parameter,
    run: (operations) =>
      run(() => {
        let question = new AsyncResult<number>();
        let answer = new AsyncResult<number>();
        const far = new Task(() => {
          for (let i = 0; i < operations; i++) {
            const value = question.get();
            question = new AsyncResult();
            answer.set(value);
          }
        });
        far.start();
        let answered = 0;
        for (let i = 0; i < operations; i++) {
          question.set(1);
          answered += answer.get();
          answer = new AsyncResult();
        }
        return answered;
      }),
  };
}

/** So many jobs that do nothing, ten at once. */
export function mapTrivial(jobs: number): Timed {
  const pool = new Pool(10);
  const items = new Array<number>(jobs).fill(1);
  return {
    parameter: items.length,
    together: jobs,
    run: (operations) =>
      run(() => {
        let answered = 0;
        for (let i = 0; i < operations; i += jobs) answered += sum(pool.map((value) => value, items));
        return answered;
      }),
  };
}

/** So many jobs that wait a millisecond, 1,000 at once. */
export function mapWaiting(jobs: number): Timed {
  const pool = new Pool(1000);
  const items = new Array<number>(jobs).fill(1);
  return {
    parameter: items.length,
    together: jobs,
    run: (operations) =>
      run(() => {
        let answered = 0;
        for (let i = 0; i < operations; i += jobs) {
          const results = pool.map((value) => {
            sleep(1);
            return value;
          }, items);
          answered += sum(results);
        }
        return answered;
      }),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
