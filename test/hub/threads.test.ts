// One hub for each thread, however many copies of the library it has loaded.
import events from 'node:events';
import { Worker } from 'node:worker_threads';
import { hub, joinAll, once, sleep, spawn, wait } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { fixture, runFixture } from '../helpers/run_fixture.js';

describe('two copies in one thread', () => {
  it.each([
    ['import', 'require'],
    ['require', 'import'],
    // The greenlet layer of the one, the hub of the other.
    ['core', 'import', 'require'],
  ])('have one hub: %s, %s', async (...order) => {
    const { code, stdout, stderr } = await runFixture(
      'hub/copies',
      order.filter((way) => way !== undefined),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      different: [],
      result: ['first', 'second', 'second again', 'true true Timeout', 'value', true, 1],
    });
  });
});

describe('a Worker', () => {
  it(
    'has a hub of its own',
    inHub(() => {
      const [me] = hub.tasks;
      const answers = joinAll(
        [1, 2, 3].map(() =>
          spawn(() => {
            const worker = new Worker(fixture('hub/worker'));
            const exit = events.once(worker, 'exit');
            const [answer] = once(worker, 'message');
            expect(wait(exit)).toEqual([0]);
            return answer;
          }),
        ),
      );
      for (const { value } of answers) expect(value).toEqual(['main', 'task', 'task again', 'value', 1]);
      expect(hub.tasks).toEqual([me]);
    }),
  );

  it(
    'gets its LoopExit',
    inHub(() => {
      const worker = new Worker(fixture('hub/worker'), { workerData: 'deadlock' });
      const exit = events.once(worker, 'exit');
      expect(once(worker, 'message')).toEqual(['ERR_GREENLET_LOOP_EXIT']);
      wait(exit);
    }),
  );

  it(
    'can be terminated while its tasks wait',
    inHub(() => {
      const worker = new Worker(
        `const { run, spawn, sleep } = require('greenlets');
       run(() => { for (let i = 0; i < 100; i++) spawn(sleep, 100000); sleep(); postMessage('ready'); sleep(100000); });
       const { parentPort } = require('node:worker_threads');
       function postMessage(text) { parentPort.postMessage(text); }`,
        { eval: true },
      );
      expect(once(worker, 'message')).toEqual(['ready']);
      worker.terminate();
      expect(once(worker, 'exit')).toEqual([1]);
      sleep();
    }),
  );
});
