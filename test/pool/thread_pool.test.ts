// class ThreadPool: with real threads.
import type path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import {
  GreenletExit,
  killAll,
  ModuleFunction,
  moduleFunction,
  run,
  sleep,
  spawn,
  ThreadExit,
  ThreadPool,
  Timeout,
} from 'greenlets';
import { afterAll, describe, expect, it } from 'vitest';
import type * as jobs from '../fixtures/pool/thread_jobs.js';
import { inHub } from '../helpers/in_hub.js';
import { fixture, runFixture } from '../helpers/run_fixture.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });
const blocksHub = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });
const threadExit = expect.objectContaining({ code: 'ERR_GREENLET_THREAD_EXIT' });

const module = pathToFileURL(fixture('pool/thread_jobs'));
const add = moduleFunction<typeof jobs.add>(module, 'add');
const thread = moduleFunction<typeof jobs.thread>(module, 'thread');
const fail = moduleFunction<typeof jobs.fail>(module, 'fail');

// Threads take long to start: one pool for all that need none of their own.
const shared = new ThreadPool(2);
afterAll(() => run(() => shared.kill()));

/** Without end; it does not even look at the event loop. */
function spin(): void {
  for (;;);
}

describe('a function for a thread', () => {
  it(
    'is an export of a module, which is loaded there alone',
    inHub(() => {
      expect(shared.apply(add, [2, 3])).toBe(5);
      expect(shared.apply(moduleFunction<typeof jobs.later>(module.href, 'later'), [1])).toBe('later');
      expect(shared.apply(moduleFunction<typeof jobs.add>(fixture('pool/thread_jobs'), 'add'), [2, 2])).toBe(4);
      expect(
        shared.apply(
          moduleFunction<(n: number) => number>(fixture('pool/thread_jobs_cjs').replace(/js$/, 'cjs'), 'computed'),
          [4],
        ),
      ).toBe(40);
      expect(shared.apply(moduleFunction<typeof path.extname>('node:path', 'extname'), ['a.png'])).toBe('.png');
      const none = moduleFunction<() => void>('data:text/javascript,export default () => "the default"');
      expect(shared.apply(none)).toBe('the default');
    }),
  );

  it(
    'is one of this program, by its source text',
    inHub(() => {
      expect(shared.apply((a: number, b: number) => a * b, [6, 7])).toBe(42);
      expect(
        shared.apply(
          function named(n: number): number {
            return n <= 1 ? 1 : n * named(n - 1);
          },
          [5],
        ),
      ).toBe(120);
      expect(shared.apply(async (n: number) => n + 1, [1])).toBe(2);
      // Made so that the test runner leaves its import() alone.
      const importing = new Function('file', "return import('node:path').then((path) => path.basename(file))");
      const basename = shared.apply(importing as (file: string) => Promise<string>, ['/a/b']);
      expect(basename).toBe('b');
      // Where the program's own would look.
      const requiring = new Function("return typeof require('vitest/package.json').version");
      expect(shared.apply(requiring as () => string)).toBe('string');
    }),
  );

  it(
    'sees no variable of this program',
    inHub(() => {
      const here = 5;
      expect(() => shared.apply(() => here)).toThrow(ReferenceError);
    }),
  );

  it(
    'is refused when it cannot be sent, or is not there',
    inHub(() => {
      const object = { method(): void {} };
      for (const fn of [object.method, Math.max, (() => 1).bind(null), class {}, 'text', null]) {
        expect(() => shared.apply(fn as never)).toThrow(invalid);
        expect(() => shared.spawn(fn as never)).toThrow(invalid);
        expect(() => shared.map(fn as never, [])).toThrow(invalid);
      }
      expect(() => moduleFunction('./relative.js')).toThrow(invalid);
      expect(() => moduleFunction(5 as never)).toThrow(invalid);
      expect(() => moduleFunction(module, 5 as never)).toThrow(invalid);
      for (const name of ['nothing', 'notAFunction', 'default']) {
        expect(() => shared.apply(moduleFunction(module, name))).toThrow(invalid);
      }
      expect(() => shared.apply(moduleFunction(`${module}.missing`, 'add'))).toThrow(/Cannot find module/);
      expect(shared.apply(add, [1, 1])).toBe(2);
      expect(inspect(new ModuleFunction('node:path', 'extname'))).toBe("<ModuleFunction 'extname' of node:path>");
    }),
  );
});

describe('a job', () => {
  it(
    'runs in another thread while others run here',
    inHub(() => {
      const task = shared.spawn(thread);
      expect(task.get()).toBeGreaterThan(0);
      let turns = 0;
      const computing = shared.spawn((ms: number) => {
        const end = Date.now() + ms;
        while (Date.now() < end);
        return 'done';
      }, 30);
      while (!computing.ready) {
        sleep(1);
        turns++;
      }
      expect(computing.get()).toBe('done');
      expect(turns).toBeGreaterThan(1);
    }),
  );

  it(
    'gets clones of its arguments, and gives a clone of its result',
    inHub(() => {
      const value = { map: new Map([[1, new Date(0)]]), list: [1, 2n, undefined], buffer: new Uint8Array([1, 2]) };
      const result = shared.apply((argument: typeof value) => argument, [value]);
      expect(result).toEqual(value);
      expect(result).not.toBe(value);
      expect(value.buffer.length).toBe(2);
    }),
  );

  it(
    'gets what is transferred itself, and may give so',
    inHub(() => {
      const buffer = new ArrayBuffer(8);
      const length = shared.apply((b: ArrayBuffer) => b.byteLength, [buffer], { transfer: [buffer] });
      expect([length, buffer.byteLength]).toEqual([8, 0]);
      const kept = () => {
        const bytes = new Uint8Array(16);
        (globalThis as { kept?: Uint8Array }).kept = bytes;
        return { deep: [new Map([['bytes', bytes]])] };
      };
      const left = () => (globalThis as { kept?: Uint8Array }).kept?.length;
      const one = new ThreadPool(1);
      expect(one.apply(kept, []).deep[0]?.get('bytes')?.length).toBe(16);
      expect(one.apply(left)).toBe(16);
      expect(one.apply(kept, [], { transferResult: true }).deep[0]?.get('bytes')?.length).toBe(16);
      expect(one.apply(left)).toBe(0);
      // Small Buffers are parts of a common one: copied.
      expect(one.apply(() => Buffer.from('text'), [], { transferResult: true })).toEqual(
        new Uint8Array(Buffer.from('text')),
      );
      one.kill();
    }),
  );

  it(
    'can be given a port',
    inHub(() => {
      const { port1, port2 } = new MessageChannel();
      shared.apply((port: import('node:worker_threads').MessagePort) => port.postMessage('hello'), [port2 as never], {
        transfer: [port2],
      });
      expect(receiveMessageOnPort(port1)?.message).toBe('hello');
      port1.close();
    }),
  );

  it(
    'says what cannot be cloned, and its thread lives on',
    inHub(() => {
      const one = new ThreadPool(1);
      const before = one.apply(thread);
      expect(() => one.apply((fn: unknown) => fn, [() => {}])).toThrow(/could not be cloned/);
      expect(thrownBy(() => one.apply(() => () => {}))).toMatchObject({ name: 'DataCloneError' });
      expect(
        thrownBy(() =>
          one.apply(() => {
            throw () => {};
          }),
        ),
      ).toMatch(/Function/);
      expect(one.apply(thread)).toBe(before);
      one.kill();
    }),
  );
});

describe('an error of a job', () => {
  it(
    'keeps class, message, stack, code and cause',
    inHub(() => {
      const error = thrownBy(() =>
        shared.apply(function body() {
          const cause = Object.assign(new RangeError('inner'), { errno: -2 });
          throw Object.assign(new TypeError('outer', { cause }), { code: 'ERR_OUTER', list: [1], fn: () => {} });
        }),
      ) as TypeError & { code: string; cause: RangeError & { errno: number } };
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ name: 'TypeError', message: 'outer', code: 'ERR_OUTER', list: [1] });
      expect(error).not.toHaveProperty('fn');
      expect(error.stack).toMatch(/^TypeError: outer\n +at body/);
      expect(error.stack).toMatch(/spawned\n.*thread_pool\.test/);
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(error.cause).toMatchObject({ message: 'inner', errno: -2 });
      expect(Object.keys(error).toSorted()).toEqual(['code', 'list']);
    }),
  );

  it(
    'keeps each built-in class',
    inHub(() => {
      for (const name of [
        'Error',
        'EvalError',
        'RangeError',
        'ReferenceError',
        'SyntaxError',
        'TypeError',
        'URIError',
      ]) {
        const error = thrownBy(() =>
          shared.apply(
            (name: string) => {
              throw new (globalThis as any)[name](`a ${name}`);
            },
            [name],
          ),
        ) as Error;
        expect(error.constructor.name).toBe(name);
        expect(error.message).toBe(`a ${name}`);
      }
      const several = thrownBy(() =>
        shared.apply(() => {
          throw new AggregateError([new TypeError('one'), 'two'], 'several');
        }),
      ) as AggregateError;
      expect(several).toBeInstanceOf(AggregateError);
      expect(several.errors).toEqual([new TypeError('one'), 'two']);
      const dom = thrownBy(() =>
        shared.apply(() => {
          throw new DOMException('stopped', 'AbortError');
        }),
      ) as DOMException;
      expect(dom).toBeInstanceOf(DOMException);
      expect([dom.name, dom.code]).toEqual(['AbortError', 20]);
      const system = thrownBy(() =>
        shared.apply(() => {
          process.getBuiltinModule('node:fs').readFileSync('/nowhere/at/all');
        }),
      );
      expect(system).toMatchObject({ code: 'ENOENT', syscall: 'open', path: '/nowhere/at/all' });
      const circular = thrownBy(() =>
        shared.apply(() => {
          const error = new Error('its own cause');
          error.cause = error;
          throw error;
        }),
      ) as Error;
      expect((circular.cause as Error).message).toBe('its own cause');
    }),
  );

  it('keeps a class that the pool knows, or else its name and the built-in class that it extends', async () => {
    const { JobError } = (await import(module.href)) as typeof jobs;
    await inHub(() => {
      const one = new ThreadPool(1, { errors: [JobError] });
      const known = thrownBy(() => one.apply(fail, ['failed'])) as jobs.JobError;
      expect(known).toBeInstanceOf(JobError);
      expect([known.message, known.status, known.isFatal, known.name]).toEqual(['failed', 503, true, 'JobError']);
      expect(known.cause).toEqual(new TypeError('the cause'));
      one.kill();
      const unknown = thrownBy(() => shared.apply(fail, ['failed'])) as Error;
      expect(unknown.constructor).toBe(Error);
      expect(unknown).toMatchObject({ name: 'JobError', message: 'failed', status: 503, code: 'ERR_JOB' });
    })();
  });

  it(
    'may be no error at all',
    inHub(() => {
      for (const value of [undefined, null, 5, 'text', { a: 1 }]) {
        const thrown = thrownBy(() =>
          shared.apply(
            (value: unknown) => {
              throw value;
            },
            [value],
          ),
        );
        expect(thrown).toEqual(value);
      }
    }),
  );
});

describe('a job that is ended', () => {
  it(
    'by a kill of its task, stops at once, and its thread is gone',
    inHub(() => {
      const one = new ThreadPool(1);
      const counter = new Int32Array(new SharedArrayBuffer(4));
      const task = one.spawn((count: Int32Array) => {
        for (;;) count[0] = (count[0] as number) + 1;
      }, counter);
      while (counter[0] === 0) sleep(1);
      task.kill();
      expect(task.value).toBeInstanceOf(GreenletExit);
      const last = counter[0];
      sleep(5);
      expect(counter[0]).toBe(last);
      expect(one.freeCount).toBe(1);
      expect(one.apply(add, [1, 2])).toBe(3);
      one.kill();
    }),
  );

  it(
    'by `timeout`, `signal` or a kill of the caller, is no member any more',
    inHub(() => {
      const one = new ThreadPool(1);
      expect(thrownBy(() => one.apply(spin, [], { timeout: 20 }))).toMatchObject({ ms: 20 });
      const controller = new AbortController();
      const reason = new Error('aborted');
      const applying = spawn(() => one.apply(spin, [], { signal: controller.signal }));
      sleep(20);
      controller.abort(reason);
      expect(thrownBy(() => applying.get())).toBe(reason);
      const other = spawn(() => one.apply(spin));
      sleep(20);
      other.kill();
      one.join();
      expect(one.freeCount).toBe(1);
      expect(() => one.map(spin, [1, 2], { timeout: 20 })).toThrow(Timeout);
      for (const _ of one.imapUnordered((n: number) => n, [1, 2, 3])) break;
      one.join();
      // Who was to spawn the next one had a place already.
      sleep();
      expect([one.length, one.freeCount, one.waiting]).toEqual([0, 1, 0]);
      one.kill();
    }),
  );

  it(
    'before its thread has started, never runs',
    inHub(() => {
      const one = new ThreadPool(1);
      const marks = new Int32Array(new SharedArrayBuffer(4));
      const mark = (all: Int32Array) => {
        all[0] = 1;
      };
      const task = one.spawn(mark, marks);
      sleep();
      task.kill();
      const unstarted = one.spawn(mark, marks);
      unstarted.kill();
      expect(one.apply((all: Int32Array) => all[0], [marks])).toBe(0);
      one.kill();
    }),
  );

  it(
    'by process.exit(), or an error in a callback, says so; and the next one gets a new thread',
    inHub(() => {
      const one = new ThreadPool(1);
      for (const code of [0, 3]) {
        const error = thrownBy(() => one.apply((code: number) => process.exit(code), [code]));
        expect(error).toEqual(threadExit);
        expect((error as Error).message).toMatch(`code ${code}`);
      }
      const error = thrownBy(() =>
        one.apply(() => {
          setTimeout(() => {
            throw new TypeError('stray');
          });
          return new Promise(() => {});
        }),
      );
      expect(error).toBeInstanceOf(ThreadExit);
      expect((error as Error).cause).toMatchObject({ name: 'TypeError', message: 'stray' });
      expect(one.apply(add, [1, 2])).toBe(3);
      expect([one.length, one.freeCount]).toEqual([0, 1]);
      one.kill();
    }),
  );

  it(
    'by too much memory, says so',
    inHub(() => {
      const one = new ThreadPool(1, { resourceLimits: { maxOldGenerationSizeMb: 10, maxYoungGenerationSizeMb: 2 } });
      const error = thrownBy(() =>
        one.apply(() => {
          const all: unknown[] = [];
          for (;;) all.push(new Array(10_000).fill(all.length));
        }),
      ) as Error;
      expect(error).toEqual(threadExit);
      expect(error.cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
      one.kill();
    }),
  );

  it(
    'because no thread can start, fails',
    inHub(() => {
      const ports = process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
      const broken = new ThreadPool(2, { execArgv: ['--import', 'data:text/javascript,throw new Error("broken")'] });
      const tasks = [1, 2].map((n) => broken.spawn(add, n, n));
      for (const task of tasks) task.linkError(() => {});
      for (const task of tasks) expect(() => task.get()).toThrow(threadExit);
      broken.kill();
      const refused = new ThreadPool(1, { execArgv: ['--no-such-flag'] });
      expect(() => refused.apply(add, [1, 1])).toThrow(/invalid execArgv/);
      refused.kill();
      // Those of threads that never began close by and by.
      while (process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length > ports) sleep(1);
    }),
  );
});

describe('a thread pool', () => {
  it(
    'runs no more jobs at once than it has threads, each alone in its thread',
    inHub(() => {
      const pool = new ThreadPool(2);
      const state = new Int32Array(new SharedArrayBuffer(8));
      pool.map((all: Int32Array) => {
        const running = Atomics.add(all, 0, 1) + 1;
        if (running > (all[1] as number)) all[1] = running;
        const end = Date.now() + 3;
        while (Date.now() < end);
        Atomics.sub(all, 0, 1);
      }, new Array(10).fill(state) as Int32Array[]);
      expect(state[1]).toBeLessThanOrEqual(2);
      pool.kill();
    }),
  );

  it(
    'makes whoever spawns too many wait',
    inHub(() => {
      const pool = new ThreadPool(1);
      const first = pool.spawn(() => new Promise((resolve) => setTimeout(resolve, 10)));
      expect([pool.full, pool.freeCount, pool.length, pool.has(first)]).toEqual([true, 0, 1, true]);
      expect([...pool]).toEqual([first]);
      const waiting = spawn(() => pool.spawn(add, 1, 2).get());
      sleep();
      expect(inspect(pool)).toBe('<ThreadPool 1 of 1, 1 waiting>');
      expect(pool.waiting).toBe(1);
      const async = pool.applyAsync(add, [2, 2]);
      expect(waiting.get()).toBe(3);
      expect(first.ready).toBe(true);
      expect(async.get()).toBe(4);
      expect(pool.waitAvailable()).toBe(1);
      pool.kill();
    }),
  );

  it(
    'maps, in order and as results come',
    inHub(() => {
      const square = (n: number) => n * n;
      expect(shared.map(square, [3, 1, 2])).toEqual([9, 1, 4]);
      expect(shared.mapAsync(square, [3, 1, 2]).get()).toEqual([9, 1, 4]);
      expect([...shared.imap(square, [3, 1, 2], { maxSize: 1 })]).toEqual([9, 1, 4]);
      expect([...shared.imapUnordered(square, [3, 1, 2])].toSorted()).toEqual([1, 4, 9]);
      const buffers = [1, 2].map((n) => new ArrayBuffer(n));
      expect(
        shared.map((buffer: ArrayBuffer) => buffer.byteLength, buffers, { transfer: (buffer) => [buffer] }),
      ).toEqual([1, 2]);
      expect(buffers.map((buffer) => buffer.byteLength)).toEqual([0, 0]);
      expect(() => shared.map(square, [1], { transfer: [] as never })).toThrow(invalid);
      expect(() => shared.map(fail, ['first'])).toThrow('first');
    }),
  );

  it(
    'runs 1,000 jobs',
    inHub(() => {
      const numbers = Array.from({ length: 1_000 }, (_, i) => i);
      expect(shared.map((n: number) => n + 1, numbers)).toEqual(numbers.map((n) => n + 1));
    }),
  );

  it(
    'keeps its places under kills at random moments',
    inHub(() => {
      const pool = new ThreadPool(2);
      for (let round = 0; round < 12; round++) {
        const tasks = Array.from({ length: 4 }, (_, i) => pool.applyAsync(add, [round, i]));
        for (let turns = round % 4; turns > 0; turns--) sleep(turns);
        tasks[round % 4]?.kill();
        for (const [i, task] of tasks.entries()) if (i !== round % 4) expect(task.get()).toBe(round + i);
      }
      pool.join();
      expect([pool.length, pool.freeCount, pool.waiting]).toEqual([0, 2, 0]);
      pool.kill();
    }),
  );

  it(
    'has another size when one says so, and loses no job',
    inHub(() => {
      const pool = new ThreadPool(1);
      const slow = pool.spawn(() => new Promise((resolve) => setTimeout(() => resolve('slow'), 20)));
      sleep(1);
      const more = [1, 2].map((n) => spawn(() => pool.apply(add, [n, n])));
      sleep();
      pool.size = 3;
      expect(more.map((task) => task.get())).toEqual([2, 4]);
      expect(slow.get()).toBe('slow');
      pool.size = 1;
      expect(pool.apply(add, [1, 1])).toBe(2);
      expect(pool.size).toBe(1);
      pool.kill();
    }),
  );

  it(
    'ends all jobs and threads with kill(), and can be used again',
    inHub(() => {
      const pool = new ThreadPool(2);
      const tasks = [1, 2].map(() => pool.spawn(spin));
      sleep(30);
      pool.kill();
      expect(tasks.map((task) => task.value)).toEqual([expect.any(GreenletExit), expect.any(GreenletExit)]);
      expect(pool.apply(add, [1, 1])).toBe(2);
      const one = pool.spawn(spin);
      sleep();
      pool.killOne(one);
      expect(one.dead).toBe(true);
      pool.kill(undefined, { block: false });
      pool.kill();
      sleep(50);
    }),
  );

  it(
    'is gone at the end of a block, with its threads',
    inHub(() => {
      {
        using pool = new ThreadPool(1);
        pool.spawn(spin);
        sleep(10);
      }
      expect(process.getActiveResourcesInfo().filter((name) => name === 'Worker')).toEqual([]);
    }),
  );

  it(
    'joins, with the errors of its jobs',
    inHub(() => {
      shared.spawn(fail, 'failed').linkError(() => {});
      expect(() => shared.join({ raise: true })).toThrow('failed');
      expect(() => shared.spawn(fail, 'failed').get()).toThrow('failed');
      shared.join();
    }),
  );

  it('starts jobs on the hub’s stack, and blocks nobody there', async () => {
    const pool = new ThreadPool(1);
    const task = pool.spawn(add, 1, 2);
    expect(() => pool.spawn(add, 1, 2)).toThrow(blocksHub);
    expect(() => pool.apply(add, [1, 2])).toThrow(blocksHub);
    expect(() => pool.join()).toThrow(blocksHub);
    expect(await task.promise).toBe(3);
    expect(() => pool.kill()).toThrow(blocksHub);
    expect(await pool.applyAsync(add, [2, 2]).promise).toBe(4);
    await run(() => killAll([pool.mapAsync(spin, [1])]));
    await run(() => pool.kill());
  });

  it(
    'refuses options that cannot be meant',
    inHub(() => {
      for (const size of [0, -1, 1.5, Number.POSITIVE_INFINITY, '2']) {
        expect(() => new ThreadPool(size as never)).toThrow(invalid);
        expect(() => {
          shared.size = size as never;
        }).toThrow(invalid);
      }
      expect(() => new ThreadPool(1, null as never)).toThrow(invalid);
      expect(() => new ThreadPool(1, { idleTimeout: 'long' as never })).toThrow(invalid);
      expect(() => new ThreadPool(1, { errors: [5] as never })).toThrow(invalid);
      expect(() => shared.apply(add, [1, 2], { transfer: 5 as never })).toThrow(invalid);
      expect(() => shared.apply(add, 5 as never)).toThrow(invalid);
      expect(shared.length).toBe(0);
    }),
  );
});

describe('a program', () => {
  it.each(['unused', 'idle', 'killed'])('ends by itself, its thread pool %s', async (how) => {
    const { code, stdout, stderr } = await runFixture('pool/thread_exit', [how]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { before, unused, after, workers } = JSON.parse(stdout);
    // Nothing of it is loaded before the first job.
    expect([before, unused, after]).toEqual([false, false, how !== 'unused']);
    if (how !== 'idle') expect(workers).toBe(0);
  });

  it('ends by an error that a job left behind, as by any that nobody catches', async () => {
    const { code, stdout } = await runFixture('pool/thread_stray');
    expect([code, stdout]).toEqual([7, 'uncaught: stray\n']);
  });

  it('has no task in its threads, under greenlets/register', async () => {
    const { code, stdout } = await runFixture('pool/thread_exit', ['killed'], ['--import', 'greenlets/register']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).workers).toBe(0);
  });
});
