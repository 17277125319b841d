// What must not be done, or only looks as if it must not: a typed error with its code, never a crash, and the thread's greenlets go on as
// before. Not here: misuse that belongs to one function (construction, parent, trace, generate), want of memory (no_memory.test.ts).
import { AsyncResource, createHook } from 'node:async_hooks';
import vm from 'node:vm';
import { Greenlet, GreenletError, GreenletTypeError, generate, getCurrent, setTrace } from 'greenlets/core';
import { afterEach, describe, expect, it } from 'vitest';
import { collectGarbageUntil } from '../helpers/collect_garbage.js';
import { runFixture } from '../helpers/run_fixture.js';
import { expectStillSwitching } from '../helpers/still_switching.js';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

afterEach(() => {
  setTrace(null);
  expect(getCurrent()).toBe(main);
  expectStillSwitching();
});

describe('a misuse', () => {
  const parked = new Greenlet(() => {
    for (;;) main.switch();
  });
  parked.switch();
  const [parent, child] = [new Greenlet(), new Greenlet()];
  child.parent = parent;

  const misuses: [string, string, () => unknown][] = [
    ['an unstarted greenlet without run, switched to', 'ERR_GREENLET_NO_RUN', () => new Greenlet().switch()],
    ['an unstarted greenlet without run, thrown into', 'ERR_GREENLET_NO_RUN', () => new Greenlet().throw()],
    ['a run that is no function', 'ERR_GREENLET_INVALID_ARG', () => new Greenlet({} as never).switch()],
    ['a cycle of parents', 'ERR_GREENLET_CYCLE', () => Object.assign(parent, { parent: child })],
    ['a greenlet as its own parent', 'ERR_GREENLET_CYCLE', () => Object.assign(parent, { parent })],
    ['a parent for main', 'ERR_GREENLET_MAIN_PARENT', () => Object.assign(main, { parent })],
    ['a parent that is no greenlet', 'ERR_GREENLET_INVALID_ARG', () => Object.assign(parent, { parent: {} })],
    ['options that are none', 'ERR_GREENLET_INVALID_ARG', () => new Greenlet(() => {}, new Date() as never)],
    ['a run for main', 'ERR_GREENLET_STARTED', () => Object.assign(main, { run: () => {} })],
    ['a run for a parked greenlet', 'ERR_GREENLET_STARTED', () => Object.assign(parked, { run: () => {} })],
    ['a kill of main', 'ERR_GREENLET_MAIN_PARENT', () => main.kill()],
    ['a trace function that is none', 'ERR_GREENLET_INVALID_ARG', () => setTrace(5 as never)],
    ['a body of generate() that is none', 'ERR_GREENLET_INVALID_ARG', () => generate(5 as never)],
    ['a context.run() of no function', 'ERR_GREENLET_INVALID_ARG', () => parked.context.run(5 as never)],
  ];

  it.each(misuses)('%s is an error with the code %s', (_, code, misuse) => {
    const error = thrownBy(misuse) as GreenletError;
    expect(error.code).toBe(code);
    expect(error).toBeInstanceOf(Error);
    const isArgument = ['ERR_GREENLET_INVALID_ARG', 'ERR_GREENLET_NO_RUN'].includes(code);
    expect(error).toBeInstanceOf(isArgument ? GreenletTypeError : GreenletError);
    expect(error.name).toBe(isArgument ? 'GreenletTypeError' : 'GreenletError');
    if (isArgument) expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/[.:!]/);
    expect(Object.keys(error)).toEqual(['code']);
  });

  it.each(misuses)('%s is the same error inside of a greenlet', (_, code, misuse) => {
    // A new greenlet would be another parent's child: what is thrown there is caught there.
    expect(new Greenlet(() => thrownBy(misuse)).switch()).toMatchObject({ code });
  });

  it('of what only the library calls leaves the main greenlet as it is', () => {
    (Greenlet as unknown as { open(): void }).open();
    expect(getCurrent()).toBe(main);
  });

  it('of methods on what is no greenlet is a TypeError', () => {
    const fakes: unknown[] = [{}, null, undefined, 5, Greenlet, Object.create(Greenlet.prototype), new Proxy(main, {})];
    const { prototype } = Greenlet;
    for (const fake of fakes) {
      expect(() => Reflect.apply(prototype.switch, fake, [])).toThrow(TypeError);
      expect(() => Reflect.apply(prototype.throw, fake, [])).toThrow(TypeError);
      expect(() => Reflect.apply(prototype.kill, fake, [])).toThrow(TypeError);
    }
  });
});

describe('switching where it is unusual', () => {
  it('works inside of a trace function', () => {
    let inside: unknown;
    setTrace(() => {
      setTrace(null);
      inside = new Greenlet(() => 'from inside').switch();
    });
    expect(new Greenlet(() => 'child').switch()).toBe('child');
    expect(inside).toBe('from inside');
  });

  it('ends by itself in a trace function that switches without end', () => {
    setTrace(() => main.switch());
    expect(thrownBy(() => main.switch())).toBeInstanceOf(RangeError);
  });

  it('works inside of a finalization callback', async () => {
    const log: string[] = [];
    const registry = new FinalizationRegistry<string>((held) => {
      log.push(new Greenlet(() => main.switch(`${held} switched`)).switch());
    });
    (() => {
      registry.register({}, 'the callback');
    })();
    await collectGarbageUntil(() => log.length > 0);
    expect(log).toEqual(['the callback switched']);
  });

  it('works inside of the init callback of an async hook', () => {
    const log: string[] = [];
    const hook = createHook({
      init(_id, type) {
        if (type === 'test') log.push(new Greenlet(() => main.switch('switched')).switch());
      },
    }).enable();
    new AsyncResource('test');
    hook.disable();
    expect(log).toEqual(['switched']);
  });

  it('works in code of another context', () => {
    const context = vm.createContext({ Greenlet, main });
    const answer = vm.runInContext('new Greenlet((value) => main.switch(value + 1)).switch(1)', context);
    expect(answer).toBe(2);
  });

  it('works again after a time-out of vm in a greenlet', () => {
    const greenlet = new Greenlet(() => thrownBy(() => vm.runInNewContext('for (;;);', {}, { timeout: 5 })));
    expect(greenlet.switch()).toMatchObject({ code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  });

  it('works in the listener of an uncaught error, and after it', async () => {
    const { code, stdout, stderr } = await runFixture('core/uncaught');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      'of main: switched\nof a greenlet: switched\nof a resumed greenlet: switched\nthe parked one goes on\n',
    );
  });
});

describe('throwing what is unusual', () => {
  it('of an Error whose class throws in Symbol.hasInstance does not matter', () => {
    class Hostile extends Error {
      static override [Symbol.hasInstance](): boolean {
        throw new Error('hostile');
      }
    }
    const greenlet = new Greenlet(() => [thrownBy(() => main.switch())]);
    greenlet.switch();
    expect(greenlet.throw(Hostile)[0].constructor).toBe(Hostile);
  });

  it('of a proxy or a revoked proxy delivers that very value', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const greenlet = new Greenlet(() => {
      try {
        main.switch();
      } catch (error) {
        return [error];
      }
      return [];
    });
    greenlet.switch();
    const [caught] = greenlet.throw(proxy);
    expect(caught === proxy).toBe(true);
  });
});

describe('in a process of its own', () => {
  it('a thread that has ended makes every use a typed error', async () => {
    const { code, signal, stdout, stderr } = await runFixture('core/terminated');
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    const uses = ['start', 'resume', 'throw', 'kill', 'stack', 'stats', 'trim', 'generate', 'context.run'];
    expect(JSON.parse(stdout)).toEqual({
      codes: Object.fromEntries(uses.map((use) => [use, 'GreenletError ERR_GREENLET_TERMINATED'])),
      current: 'main',
      unstarted: true,
      sameContext: true,
    });
  });

  it('a switch inside of an async scope is a typed error where Node does not let its async stack be moved', async () => {
    const flags = process.allowedNodeEnvironmentFlags.has('--permission')
      ? ['--permission']
      : ['--experimental-permission'];
    const allow = ['--allow-addons', '--allow-fs-read=*'];
    const { code, stdout } = await runFixture('core/async_scope', [], [...flags, ...allow, '--no-warnings']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      asyncContext: 'guarded',
      reason: expect.stringMatching(/./),
      outside: 'switched',
      inside: 'GreenletError ERR_GREENLET_ASYNC_SCOPE',
      stillActive: true,
      afterwards: 'switched',
    });
  });

  it('a switch inside of a before or after callback of an async hook, during a switch, is a typed error', async () => {
    const { code, signal, stdout, stderr } = await runFixture('core/hook_switch');
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ codes: ['ERR_GREENLET_ASYNC_SCOPE'], afterwards: 'switched' });
  });
});
