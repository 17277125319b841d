// Node's async stack and its way through greenlet switches, driven by hand: a test plays all greenlets itself, on one stack,
// by calling what a switch calls. Not for real switches.

import { AsyncResource, createHook, executionAsyncId, executionAsyncResource, triggerAsyncId } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import http from 'node:http';
import { Session } from 'node:inspector';
import { createRequire } from 'node:module';
import { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AsyncContext, openAsyncContext, type Slice } from '../../dist/esm/core/async_context.js';
import { type AsyncInternals, openAsyncInternals } from '../../dist/esm/core/async_internals.js';

const contextUrl = new URL('../../dist/esm/core/async_context.js', import.meta.url).href;
const internalsUrl = new URL('../../dist/esm/core/async_internals.js', import.meta.url).href;
const flags = process.allowedNodeEnvironmentFlags;

function internals(): AsyncInternals {
  const opened = openAsyncInternals();
  if ('reason' in opened) throw new Error(opened.reason);
  return opened;
}

/** What Node says is current, and how deep the stack is. */
function state({ fields, index } = internals()) {
  return {
    depth: fields[index.kStackLength]!,
    asyncId: executionAsyncId(),
    triggerAsyncId: triggerAsyncId(),
    resource: executionAsyncResource(),
  };
}

/** Runs `fn` in a scope of `depth` new resources. */
function inScopes<T>(depth: number, fn: () => T): T {
  return depth === 0 ? fn() : new AsyncResource('SCOPE').runInAsyncScope(() => inScopes(depth - 1, fn));
}

/** Runs `fn` in a callback that C++ makes, in an entry that C++ pushes: that of the HTTP parser, fed by hand. */
function inNativeCallback(fn: () => void): void {
  let ran = false;
  let thrown: unknown;
  const server = http.createServer(() => {
    ran = true;
    try {
      fn();
    } catch (error) {
      thrown = error;
    }
  });
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  server.emit('connection', socket);
  socket.emit('data', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
  socket.destroy();
  if (thrown !== undefined) throw thrown;
  expect(ran).toBe(true);
}

/** What a program printed as JSON. Rejects when it fails, with what it printed to stderr. */
async function run(program: string, ...execArgv: string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [...execArgv, '--input-type=module', '-e', program]);
  return JSON.parse(stdout);
}

describe('openAsyncInternals', () => {
  const honest = internals();

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('hands out the arrays that Node itself uses', () => {
    const { fields, ids, resources, wrap, index } = internals();
    const depth = fields[index.kStackLength]!;
    const outer = executionAsyncId();
    const resource = new AsyncResource('SCOPE', { triggerAsyncId: 7 });
    resource.runInAsyncScope(() => {
      expect(fields[index.kStackLength]).toBe(depth + 1);
      expect(ids[index.kExecutionAsyncId]).toBe(resource.asyncId());
      expect(ids[index.kTriggerAsyncId]).toBe(7);
      expect(resources[depth]).toBe(resource);
      expect(wrap.async_ids_stack[2 * depth]).toBe(outer);
    });
    inNativeCallback(() => {
      expect(fields[index.kStackLength]).toBe(depth + 1);
      expect(resources[depth]).toBeUndefined();
      expect(wrap.executionAsyncResource(depth)).toBeTypeOf('object');
    });
  });

  it('finds the resource of the empty stack', async () => {
    const program = `
      import { executionAsyncResource } from 'node:async_hooks';
      import { openAsyncInternals } from '${internalsUrl}';
      import { setImmediate } from 'node:timers/promises';
      let inside;
      setImmediate().then(() => console.log(JSON.stringify(inside === executionAsyncResource())));
      process.nextTick(() => { inside = openAsyncInternals().topLevelResource; });
    `;
    expect(await run(program)).toBe(true);
  });

  it('leaves nothing behind', async () => {
    const program = `
      const keys = () => [process, globalThis, Function.prototype, Object.prototype].flatMap(Reflect.ownKeys).map(String);
      const { openAsyncInternals } = await import('${internalsUrl}');
      const before = keys();
      const activeBefore = process.getActiveResourcesInfo();
      const { fields, ids, index } = openAsyncInternals();
      const first = [[...fields], ids[index.kExecutionAsyncId], ids[index.kTriggerAsyncId]];
      openAsyncInternals();
      const second = [[...fields], ids[index.kExecutionAsyncId], ids[index.kTriggerAsyncId]];
      console.log(JSON.stringify({
        keys: keys().filter((key) => !before.includes(key)),
        same: JSON.stringify(first) === JSON.stringify(second),
        // A callback would be slower from then on, had anyone asked for the execution resource.
        fields: fields.reduce((sum, field) => sum + field) - fields[index.kStackLength],
        active: process.getActiveResourcesInfo().length - activeBefore.length,
      }));
    `;
    expect(await run(program)).toEqual({ keys: [], same: true, fields: 1, active: 0 });

    const [connect, disconnect] = [vi.spyOn(Session.prototype, 'connect'), vi.spyOn(Session.prototype, 'disconnect')];
    internals();
    expect([connect, disconnect].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    vi.spyOn(Session.prototype, 'post').mockImplementation(() => {
      throw new Error('inspector out of order');
    });
    expect(openAsyncInternals()).toEqual({ reason: 'inspector out of order' });
    expect([connect, disconnect].map(({ mock }) => mock.calls.length)).toEqual([2, 2]);
  });

  it('works in a worker, as an ES module and as CommonJS', async () => {
    const file = createRequire(import.meta.url).resolve('../../dist/cjs/core/async_internals.js');
    const program = `
      const { parentPort } = require('node:worker_threads');
      const fromCommonJs = require(${JSON.stringify(file)}).openAsyncInternals();
      import('${internalsUrl}').then(({ openAsyncInternals }) => {
        const fromModule = openAsyncInternals();
        parentPort.postMessage([fromModule.reason, fromModule.fields === fromCommonJs.fields]);
      });
    `;
    const worker = new Worker(program, { eval: true });
    const message = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    expect(message).toEqual([undefined, true]);
    await worker.terminate();
  });

  it('works beside a debugger, and does not pause it', () => {
    const debug = new Session();
    debug.connect();
    const seen: string[] = [];
    debug.on('inspectorNotification', ({ method }) => seen.push(method));
    try {
      debug.post('Debugger.enable');
      debug.post('Debugger.setPauseOnExceptions', { state: 'all' });
      seen.length = 0;
      internals();
      expect(seen).not.toContain('Debugger.paused');
    } finally {
      debug.disconnect();
    }
  });

  it('says why not when Node has no inspector', () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    expect(openAsyncInternals()).toEqual({ reason: 'this Node.js was built without the inspector' });
  });

  it('says why not under the permission model', async () => {
    const program = `
      import { openAsyncInternals } from '${internalsUrl}';
      console.log(JSON.stringify(openAsyncInternals()));
    `;
    const flag = flags.has('--permission') ? '--permission' : '--experimental-permission';
    expect(await run(program, '--no-warnings', flag, '--allow-fs-read=*')).toEqual({
      reason: expect.stringMatching(/^Access to this API has been restricted(?!.*\.$)/),
    });
  });

  it.each([
    ['fields that are a copy', 'found[0] = new Uint32Array(found[0])'],
    ['ids that are a copy', 'found[1] = new Float64Array(found[1])'],
    ['ids of another type', 'found[1] = Array.from(found[1])'],
    ['resources that are a copy', 'found[2] = []'],
    ['no hook emitter', 'found[4] = null'],
    ['no pushAsyncContext', '{ pushAsyncContext: undefined }'],
    ['a pushAsyncContext that does nothing', '{ pushAsyncContext() {} }'],
    ['another async_ids_stack', '{ async_ids_stack: new Float64Array(32) }'],
    ['no constants', '{ constants: undefined }'],
    ['kStackLength elsewhere', '{ constants: { ...constants, kStackLength: constants.kCheck } }'],
    ['kAfter outside of the array', '{ constants: { ...constants, kAfter: 99 } }'],
    ['kExecutionAsyncId elsewhere', '{ constants: { ...constants, kExecutionAsyncId: constants.kAsyncIdCounter } }'],
    ['kTriggerAsyncId elsewhere', '{ constants: { ...constants, kTriggerAsyncId: constants.kExecutionAsyncId } }'],
    ['kDefaultTriggerAsyncId elsewhere', '{ constants: { ...constants, kDefaultTriggerAsyncId: 2 } }'],
  ])('does not believe in %s', (_what, change) => {
    const tamper = change.startsWith('{')
      ? `const { constants } = found[3]; found[3] = Object.create(found[3], Object.getOwnPropertyDescriptors(${change}));`
      : `${change};`;
    class TamperingSession extends Session {
      override post(method: string, ...rest: any[]): void {
        if (method === 'Runtime.callFunctionOn') {
          rest[0].functionDeclaration = rest[0].functionDeclaration.replace('{', `{ ${tamper}`);
        }
        (super.post as (...args: unknown[]) => void)(method, ...rest);
      }
    }
    const { getBuiltinModule } = process;
    vi.spyOn(process, 'getBuiltinModule').mockImplementation(((id: string) =>
      id === 'node:inspector' ? { Session: TamperingSession } : getBuiltinModule(id)) as typeof getBuiltinModule);
    inScopes(1, () => {
      const before = state(honest);
      const { reason } = openAsyncInternals() as { reason?: string };
      expect(reason).toMatch(/^Node\.js has changed: /);
      expect(state(honest)).toEqual(before);
    });
  });
});

describe('openAsyncContext', () => {
  let context: AsyncContext;
  let live: AsyncInternals;
  let main: ReturnType<typeof state>;

  beforeEach(() => {
    context = openAsyncContext();
    live = internals();
    main = state(live);
  });

  afterEach(() => {
    expect(state(live)).toEqual(main);
    expect(live.resources.length).toBeLessThanOrEqual(main.depth);
  });

  const own = (slice: Slice, depth = main.depth + 1) => ({
    depth,
    asyncId: slice.asyncId,
    triggerAsyncId: slice.triggerAsyncId,
    resource: slice.resource,
  });

  it('moves entries where it can', () => {
    expect(context.kind).toBe('moved');
    expect(context.reason).toBeNull();
  });

  it('gives each greenlet an id and a resource of its own, caused by who started it', () => {
    const [a, b] = [context.createSlice(), context.createSlice()];
    expect(new Set([a.asyncId, b.asyncId, main.asyncId]).size).toBe(3);
    expect(a.triggerAsyncId).toBe(main.asyncId);
    context.transfer(null, a);
    expect(state(live)).toEqual(own(a));
    expect(context.createSlice().triggerAsyncId).toBe(a.asyncId);
    context.transfer(a, b);
    expect(state(live)).toEqual(own(b));
    context.transfer(b, a);
    expect(state(live)).toEqual(own(a));
    context.transfer(a, null);
  });

  it('puts a greenlet on top of whatever main is in when it resumes', () => {
    const slice = context.createSlice();
    inScopes(3, () => {
      context.transfer(null, slice);
      context.transfer(slice, null);
    });
    inScopes(5, () => {
      const before = state(live);
      context.transfer(null, slice);
      expect(state(live)).toEqual(own(slice, main.depth + 6));
      context.transfer(slice, null);
      expect(state(live)).toEqual(before);
    });
    context.transfer(null, slice);
    expect(state(live)).toEqual(own(slice));
    context.finish(slice, null);
  });

  it('takes the scopes that a greenlet is in out with it, and back in', () => {
    const slice = context.createSlice();
    context.transfer(null, slice);
    inScopes(2, () => {
      const inside = state(live);
      context.transfer(slice, null);
      expect(state(live)).toEqual(main);
      inScopes(4, () => {
        context.transfer(null, slice);
        expect(state(live)).toEqual({ ...inside, depth: main.depth + 7 });
        context.transfer(slice, null);
      });
      context.transfer(null, slice);
      expect(state(live)).toEqual(inside);
    });
    expect(state(live)).toEqual(own(slice));
    context.finish(slice, null);
  });

  it('keeps the scopes of several greenlets apart, in whatever order they resume', () => {
    const [a, b] = [context.createSlice(), context.createSlice()];
    context.transfer(null, a);
    inScopes(2, () => {
      const inA = state(live);
      context.transfer(a, b);
      expect(state(live)).toEqual(own(b));
      inScopes(3, () => {
        const inB = state(live);
        context.transfer(b, a);
        expect(state(live)).toEqual(inA);
        context.transfer(a, null);
        expect(state(live)).toEqual(main);
        context.transfer(null, b);
        expect(state(live)).toEqual(inB);
      });
      context.transfer(b, a);
    });
    context.finish(a, b);
    expect(state(live)).toEqual(own(b));
    context.finish(b, null);
  });

  it('carries an entry that C++ pushed, its resource included', () => {
    const [a, b] = [context.createSlice(), context.createSlice()];
    context.transfer(null, a);
    inNativeCallback(() => {
      const inside = state(live);
      expect(live.wrap.executionAsyncResource(inside.depth - 1)).toBeTypeOf('object');
      inScopes(1, () => {
        context.transfer(a, b);
        // The native side must not keep pointing into a stack that may be gone before it looks again.
        expect(live.wrap.executionAsyncResource(inside.depth - 1)).toBeUndefined();
        inNativeCallback(() => {
          context.transfer(b, null);
          // Main's own entries may be C++'s as well, and stay.
          inNativeCallback(() => {
            const inMain = state(live);
            context.transfer(null, b);
            context.transfer(b, null);
            expect(state(live)).toEqual(inMain);
          });
          context.transfer(null, b);
        });
        context.finish(b, a);
      });
      expect(state(live)).toEqual(inside);
    });
    expect(state(live)).toEqual(own(a));
    context.finish(a, null);
  });

  it('follows Node when the stack outgrows its array', () => {
    const slice = context.createSlice();
    const room = () => live.wrap.async_ids_stack.length / 2 - live.fields[live.index.kStackLength]!;
    // First the greenlet's own entry is one too many, then one of its scopes.
    inScopes(room(), () => {
      context.transfer(null, slice);
      expect(state(live)).toMatchObject({ asyncId: slice.asyncId, resource: slice.resource });
      context.transfer(slice, null);
    });
    context.transfer(null, slice);
    inScopes(5, () => {
      const inside = state(live);
      context.transfer(slice, null);
      inScopes(room() - 3, () => {
        context.transfer(null, slice);
        expect(state(live)).toMatchObject({ asyncId: inside.asyncId, resource: inside.resource });
        context.transfer(slice, null);
      });
      context.transfer(null, slice);
    });
    context.finish(slice, null);
  });

  it('keeps the default trigger id with whoever has set it', () => {
    const at = live.index.kDefaultTriggerAsyncId;
    const [a, b] = [context.createSlice(), context.createSlice()];
    const unset = live.ids[at]!;
    const leave = (leaving: Slice | null, arriving: Slice | null, trigger: number) => {
      live.ids[at] = trigger;
      context.transfer(leaving, arriving);
      return live.ids[at];
    };
    expect(leave(null, a, 11)).toBe(unset);
    expect(leave(a, null, 22)).toBe(11);
    expect(leave(null, a, unset)).toBe(22);
    expect(leave(a, null, unset)).toBe(unset);
    expect(leave(null, a, 33)).toBe(unset);
    expect(leave(a, b, unset)).toBe(unset);
    expect(leave(b, null, unset)).toBe(33);
    expect(leave(null, b, unset)).toBe(unset);
    expect(leave(b, null, unset)).toBe(unset);
  });

  it('undoes a switch that could not be made', () => {
    const [a, b] = [context.createSlice(), context.createSlice()];
    context.transfer(null, a);
    inScopes(2, () => {
      const inside = state(live);
      context.transfer(a, b);
      context.transfer(b, a);
      expect(state(live)).toEqual(inside);
    });
    context.finish(a, null);
  });

  it('discards what a dead greenlet had entered', () => {
    const slice = context.createSlice();
    context.transfer(null, slice);
    for (const resource of [new AsyncResource('SCOPE'), new AsyncResource('SCOPE')]) {
      live.resources[live.fields[live.index.kStackLength]!] = resource;
      live.wrap.pushAsyncContext(resource.asyncId(), 0);
    }
    context.finish(slice, null);
    expect(slice.parked).toBeNull();
  });

  it('tells async hooks of each time that a greenlet runs, and of its end', async () => {
    const events: string[] = [];
    const names = new Map<number, string>();
    const note = (event: string) => (asyncId: number) => {
      if (names.has(asyncId)) events.push(`${event} ${names.get(asyncId)}`);
    };
    const hook = createHook({
      init: (asyncId, type) => {
        if (type === 'GREENLET' || type === 'SCOPE') {
          names.set(asyncId, `${type}${names.size}`);
          events.push(`init ${names.get(asyncId)}`);
        }
      },
      before: note('before'),
      after: note('after'),
      destroy: note('destroy'),
    }).enable();
    const slice = context.createSlice();
    context.transfer(null, slice);
    inScopes(1, () => {
      context.transfer(slice, null);
      events.push('main');
      context.transfer(null, slice);
    });
    context.finish(slice, null);
    await new Promise(setImmediate);
    hook.disable();
    expect(events.filter((event) => event !== 'destroy SCOPE1')).toEqual([
      'init GREENLET0',
      'before GREENLET0',
      'init SCOPE1',
      'before SCOPE1',
      'after SCOPE1',
      'after GREENLET0',
      'main',
      'before GREENLET0',
      'before SCOPE1',
      'after SCOPE1',
      'after GREENLET0',
      'destroy GREENLET0',
    ]);
  });

  it.each(['before', 'after'] as const)('tells a hook that has only a %s callback', (event) => {
    const told: number[] = [];
    const slice = context.createSlice();
    const hook = createHook({ [event]: (asyncId: number) => told.push(asyncId) }).enable();
    context.transfer(null, slice);
    context.transfer(slice, null);
    hook.disable();
    expect(told).toEqual([slice.asyncId]);
  });

  it('refuses a switch inside a callback of an async hook that a switch has called', () => {
    const [a, b] = [context.createSlice(), context.createSlice()];
    const errors: unknown[] = [];
    const hook = createHook({
      before: (asyncId) => {
        if (asyncId !== a.asyncId) return;
        try {
          context.transfer(a, b);
        } catch (error) {
          errors.push(error);
        }
      },
    }).enable();
    context.transfer(null, a);
    hook.disable();
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_GREENLET_ASYNC_SCOPE' })]);
    expect(state(live)).toEqual(own(a));
    context.finish(a, null);
  });

  describe('runInSlice', () => {
    it('runs in the innermost entry of a parked greenlet', () => {
      const [a, b] = [context.createSlice(), context.createSlice()];
      context.transfer(null, a);
      inScopes(2, () => {
        const inA = state(live);
        context.transfer(a, null);
        expect(context.runInSlice(a, () => state(live))).toEqual({ ...inA, depth: main.depth + 1 });
        expect(context.runInSlice(b, () => state(live))).toEqual(own(b));
        context.transfer(null, a);
      });
      context.finish(a, null);
    });

    it('runs in the main greenlet’s, be the stack empty or not', () => {
      const slice = context.createSlice();
      for (const depth of [0, 2]) {
        inScopes(depth, () => {
          const inMain = state(live);
          context.transfer(null, slice);
          expect(context.runInSlice(null, () => state(live))).toEqual({ ...inMain, depth: main.depth + depth + 2 });
          expect(state(live)).toEqual(own(slice, main.depth + depth + 1));
          context.transfer(slice, null);
        });
      }
    });

    it('ends its scope when the function throws, and lets it park', () => {
      const [a, b] = [context.createSlice(), context.createSlice()];
      context.transfer(null, a);
      const error = new Error('thrown inside');
      expect(() =>
        context.runInSlice(b, () => {
          context.transfer(a, null);
          expect(state(live)).toEqual(main);
          context.transfer(null, a);
          throw error;
        }),
      ).toThrow(error);
      expect(state(live)).toEqual(own(a));
      context.finish(a, null);
    });
  });

  describe('after an uncaught error, when Node has emptied the stack', () => {
    const empty = () => {
      (live.wrap as AsyncInternals['wrap'] & { clearAsyncIdStack(): void }).clearAsyncIdStack();
      main = state(live);
    };

    it('keeps what is parked', () => {
      const slice = context.createSlice();
      context.transfer(null, slice);
      inScopes(2, () => {
        const inside = state(live);
        context.transfer(slice, null);
        inScopes(1, empty);
        expect(state(live)).toMatchObject({ depth: 0, asyncId: 0 });
        context.transfer(null, slice);
        expect(state(live)).toMatchObject({ asyncId: inside.asyncId, resource: inside.resource });
      });
      context.finish(slice, null);
    });

    it('lets the scopes of the greenlet it happened to end quietly, at whatever depth it resumes', () => {
      const [a, b] = [context.createSlice(), context.createSlice()];
      inScopes(2, () => {
        context.transfer(null, a);
        inScopes(2, () => {
          empty();
          context.transfer(a, null);
          expect(state(live)).toEqual(main);
          inScopes(3, () => {
            const inMain = state(live);
            context.transfer(null, a);
            expect(state(live)).toEqual(main);
            inScopes(1, () => {
              const inA = state(live);
              context.transfer(a, b);
              expect(state(live)).toEqual(own(b, main.depth + 4));
              expect(context.runInSlice(a, () => state(live))).toMatchObject({ asyncId: inA.asyncId });
              context.transfer(b, a);
              expect(state(live)).toEqual(inA);
              expect(context.runInSlice(null, () => state(live))).toMatchObject({ asyncId: inMain.asyncId });
            });
            context.transfer(a, null);
            expect(state(live)).toEqual(inMain);
          });
          context.transfer(null, a);
          // Here end the two scopes that Node has forgotten.
        });
        context.finish(a, null);
      });
      context.transfer(null, b);
      context.finish(b, null);
    });

    it('does not tell async hooks that main’s scopes, set aside for such a greenlet, had ended', () => {
      const told: number[] = [];
      const slice = context.createSlice();
      context.transfer(null, slice);
      empty();
      context.transfer(slice, null);
      expect(context.runInSlice(slice, () => state(live))).toMatchObject({ asyncId: 0, resource: main.resource });
      inScopes(1, () => {
        const tell = (asyncId: number) => told.push(asyncId);
        const hook = createHook({ before: tell, after: tell }).enable();
        context.transfer(null, slice);
        context.finish(slice, null);
        hook.disable();
      });
      expect(told).toEqual([]);
    });

    it('copes with a greenlet that dies of it', () => {
      const slice = context.createSlice();
      inScopes(1, () => {
        context.transfer(null, slice);
        empty();
        context.finish(slice, null);
      });
    });
  });

  it('does all or nothing when the stack is full', async () => {
    const program = `
      import { AsyncResource, executionAsyncId } from 'node:async_hooks';
      import { openAsyncContext } from '${contextUrl}';
      import { openAsyncInternals } from '${internalsUrl}';
      const context = openAsyncContext();
      const { fields, resources, index } = openAsyncInternals();
      const state = () => JSON.stringify([fields[index.kStackLength], executionAsyncId(), resources.length]);
      const slice = context.createSlice();
      const wrong = [];
      // Tries at every distance from the end of the stack, nearest first, until it succeeds.
      const tryAtTheEnd = (attempt, before) => {
        try {
          if (tryAtTheEnd(attempt, before)) return true;
        } catch {
          // The call itself did not fit.
        }
        try {
          attempt();
          return true;
        } catch (error) {
          if (!(error instanceof RangeError) || state() !== before) wrong.push(String(error), state(), before);
          return false;
        }
      };
      const atOffset = (calls, attempt) => (calls === 0 ? tryAtTheEnd(attempt, state()) : atOffset(calls - 1, attempt));
      const main = state();
      atOffset(0, () => context.transfer(null, slice));
      for (let calls = 0; calls < 20; calls++) {
        new AsyncResource('SCOPE').runInAsyncScope(() => {
          const inside = state();
          atOffset(calls, () => context.transfer(slice, null));
          if (state() !== main) wrong.push(state(), main);
          atOffset(calls, () => context.transfer(null, slice));
          if (state() !== inside) wrong.push(state(), inside);
        });
      }
      atOffset(0, () => context.transfer(slice, null));
      if (state() !== main) wrong.push(state(), main);
      console.log(JSON.stringify(wrong));
    `;
    expect(await run(program, '--stack-size=200')).toEqual([]);
  });
});

describe('AsyncLocalStorage stores on the execution resource', () => {
  const major = Number(process.versions.node.split('.')[0]);
  const onResources = major >= 24 ? ['--no-async-context-frame'] : [];

  it('are inherited at the first switch, then kept apart', async () => {
    const program = `
      import { AsyncLocalStorage } from 'node:async_hooks';
      import { openAsyncContext } from '${contextUrl}';
      const context = openAsyncContext();
      const store = new AsyncLocalStorage();
      const seen = [];
      const slice = store.run('creator', () => {
        const slice = context.createSlice();
        context.transfer(null, slice);
        seen.push(store.getStore());
        store.enterWith('greenlet');
        context.transfer(slice, null);
        seen.push(store.getStore());
        return slice;
      });
      seen.push(store.getStore() ?? null);
      store.run('other', () => {
        context.transfer(null, slice);
        seen.push(store.getStore());
        store.run('inner', () => {
          context.transfer(slice, null);
          seen.push(store.getStore(), context.runInSlice(slice, () => store.getStore()));
          context.transfer(null, slice);
          seen.push(store.getStore(), context.runInSlice(null, () => store.getStore()));
        });
        seen.push(store.getStore());
        setTimeout(() => seen.push('timer of ' + store.getStore()));
        context.finish(slice, null);
        setTimeout(() => console.log(JSON.stringify([...seen, 'timer of ' + store.getStore()])));
      });
    `;
    expect(await run(program, ...onResources)).toEqual([
      'creator',
      'creator',
      null,
      'greenlet',
      'other',
      'inner',
      'inner',
      'other',
      'greenlet',
      'timer of greenlet',
      'timer of other',
    ]);
  });
});

it('survives an uncaught error that is handled while a greenlet is in a scope', async () => {
  const program = `
    import { AsyncResource, executionAsyncId } from 'node:async_hooks';
    import { openAsyncContext } from '${contextUrl}';
    const context = openAsyncContext();
    process.on('uncaughtException', () => {});
    const slice = context.createSlice();
    setTimeout(() => {
      context.transfer(null, slice);
      new AsyncResource('SCOPE').runInAsyncScope(() => {
        process._fatalException(new Error('handled'));
        context.transfer(slice, null);
        new AsyncResource('SCOPE').runInAsyncScope(() => context.transfer(null, slice));
      });
    });
    console.log(1);
  `;
  expect(await run(program)).toBe(1);
});

describe('openAsyncContext without Node’s arrays', () => {
  let context: AsyncContext;

  beforeEach(() => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
    context = openAsyncContext();
    vi.restoreAllMocks();
  });

  it('guards, and says why', () => {
    expect(context).toMatchObject({ kind: 'guarded', reason: 'this Node.js was built without the inspector' });
  });

  it('refuses to leave a greenlet inside a scope it has entered, and changes nothing', () => {
    const [a, b] = [context.createSlice(), context.createSlice()];
    inScopes(1, () => {
      context.transfer(null, a);
      const before = state();
      inScopes(1, () => {
        const inside = state();
        expect(() => context.transfer(a, b)).toThrow(
          expect.objectContaining({
            code: 'ERR_GREENLET_ASYNC_SCOPE',
            message: expect.stringContaining('this Node.js was built without the inspector'),
          }),
        );
        expect(() => context.transfer(a, null)).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_ASYNC_SCOPE' }));
        expect(state()).toEqual(inside);
      });
      expect(state()).toEqual(before);
      context.transfer(a, b);
      context.finish(b, a);
      context.transfer(a, null);
    });
  });

  it('lets main be left anywhere, and resumed greenlets be left where main is', () => {
    const slice = context.createSlice();
    context.transfer(null, slice);
    context.transfer(slice, null);
    inScopes(2, () => {
      context.transfer(null, slice);
      context.transfer(slice, null);
    });
    expect(context.runInSlice(slice, executionAsyncId)).toBe(executionAsyncId());
  });
});
