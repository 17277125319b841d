// How greenlets are made: parents, options, run, the main greenlet of each thread. Not for subclasses: subclassing.test.ts.
import { Worker } from 'node:worker_threads';
import { Greenlet, type GreenletOptions, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { fixture } from '../helpers/run_fixture.js';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();
const invalidArgument = { name: 'GreenletTypeError', code: 'ERR_GREENLET_INVALID_ARG' };

describe('new Greenlet()', () => {
  it('runs nothing', () => {
    let ran = false;
    const greenlet = new Greenlet(() => {
      ran = true;
    });
    expect(ran).toBe(false);
    expect(greenlet.started).toBe(false);
    expect(getCurrent()).toBe(main);
  });

  it('cannot be called without new', () => {
    expect(() => (Greenlet as unknown as () => void)()).toThrow(TypeError);
  });

  it('makes the current greenlet the parent, whichever that is', () => {
    const outer: Greenlet = new Greenlet(() => new Greenlet());
    const inner: Greenlet = outer.switch();
    expect(outer.parent).toBe(main);
    expect(inner.parent).toBe(outer);
  });

  it.each<[string, GreenletOptions | null | undefined]>([
    ['null', null],
    ['undefined', undefined],
    ['{}', {}],
    ['{ parent: null }', { parent: null }],
    ['{ parent: undefined }', { parent: undefined }],
  ])('takes %s for the current greenlet', (_, parent) => {
    const outer: Greenlet = new Greenlet(() => new Greenlet(undefined, parent));
    expect(outer.switch().parent).toBe(outer);
  });

  it('takes a greenlet as parent, by itself or among the options', () => {
    const parent = new Greenlet();
    expect(new Greenlet(undefined, parent).parent).toBe(parent);
    expect(new Greenlet(undefined, { parent }).parent).toBe(parent);
  });

  it.each([0, 5, 'main', '', true, false, 10n, Symbol('parent')])(
    'refuses a parent that is no object: %s',
    (parent) => {
      expect(thrownBy(() => new Greenlet(undefined, parent as never))).toMatchObject(invalidArgument);
    },
  );

  it.each<[string, unknown]>([
    ['an object that only inherits from Greenlet.prototype', Object.create(Greenlet.prototype)],
    ['a proxy of a greenlet', new Proxy(main, {})],
    ['an array', []],
    ['a function', () => main],
    ['a Date', new Date()],
    ['a Map', new Map()],
  ])('refuses %s as a parent', (_, parent) => {
    expect(thrownBy(() => new Greenlet(undefined, parent as never))).toMatchObject(invalidArgument);
  });

  it.each<[string, unknown]>([
    ['an object that only inherits from Greenlet.prototype', Object.create(Greenlet.prototype)],
    ['a proxy of a greenlet', new Proxy(main, {})],
    ['a number', 5],
    ['a string', 'main'],
    ['a function', () => main],
    ['a plain object', {}],
  ])('refuses options whose parent is %s', (_, parent) => {
    const error = thrownBy(() => new Greenlet(undefined, { parent: parent as never }));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject(invalidArgument);
  });

  it.each([5, null, {}, Symbol('name')])('refuses a name that is no string: %s', (name) => {
    expect(thrownBy(() => new Greenlet(undefined, { name: name as never }))).toMatchObject(invalidArgument);
  });

  it.each([0, -1, 65_535, 65_536.5, 2 ** 30 + 1, Number.NaN, Number.POSITIVE_INFINITY, '65536', 65_536n, null])(
    'refuses a stack of %s bytes',
    (stackSize) => {
      expect(thrownBy(() => new Greenlet(undefined, { stackSize: stackSize as never }))).toMatchObject(invalidArgument);
    },
  );

  it.each([65_536, 65_537, 100_001, 2 ** 30])('takes a stack of %d bytes', (stackSize) => {
    expect(new Greenlet(() => 'ran', { stackSize }).switch()).toBe('ran');
  });

  it('takes options without a prototype', () => {
    const options: GreenletOptions = Object.assign(Object.create(null), { name: 'bare' });
    expect(new Greenlet(undefined, options).name).toBe('bare');
  });

  it('gives each nameless greenlet a name of its own, which stays', () => {
    const one = new Greenlet();
    const other = new Greenlet();
    expect(one.name).toMatch(/^greenlet-\d+$/);
    expect(other.name).toMatch(/^greenlet-\d+$/);
    expect(one.name).not.toBe(other.name);
    expect(one.name).toBe(one.name);
  });

  it('takes a name, which can be changed', () => {
    const greenlet = new Greenlet(undefined, { name: 'first' });
    expect(greenlet.name).toBe('first');
    greenlet.name = 'second';
    expect(greenlet.name).toBe('second');
    expect(
      thrownBy(() => {
        greenlet.name = 5 as never;
      }),
    ).toMatchObject(invalidArgument);
    expect(greenlet.name).toBe('second');
  });

  it('lets own properties be added', () => {
    const greenlet = Object.assign(new Greenlet(), { local: 1 });
    expect(greenlet.local).toBe(1);
    expect(Object.keys(greenlet)).toEqual(['local']);
  });

  it('works when it is frozen', () => {
    const greenlet: Greenlet = new Greenlet(() => main.switch('parked'));
    Object.freeze(greenlet);
    expect(greenlet.switch()).toBe('parked');
    expect(greenlet.switch('returned')).toBe('returned');
    expect(greenlet.dead).toBe(true);
  });
});

describe('run', () => {
  it('is not looked at when it is given', () => {
    for (const run of [undefined, null, 5, 'run', {}]) expect(new Greenlet(run as never).started).toBe(false);
  });

  it.each([undefined, null])('that is missing (%s) makes switch() fail in the caller, before any switch', (run) => {
    const target = new Greenlet(run, { name: 'target' });
    const caller = new Greenlet(() => thrownBy(() => target.switch()));
    const error = caller.switch();
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_GREENLET_NO_RUN', message: expect.stringContaining('target') });
    expect(target.started).toBe(false);
  });

  it('that is missing makes throw() fail in the caller, before any switch', () => {
    const target = new Greenlet();
    const caller = new Greenlet(() => thrownBy(() => target.throw(new Error('never thrown'))));
    expect(caller.switch()).toMatchObject({ name: 'GreenletTypeError', code: 'ERR_GREENLET_NO_RUN' });
    expect(target.started).toBe(false);
  });

  it('that was missing can be given after the failed switch', () => {
    const greenlet: Greenlet = new Greenlet();
    expect(() => greenlet.switch()).toThrow(TypeError);
    greenlet.run = () => 'ran';
    expect(greenlet.switch()).toBe('ran');
  });

  it.each([5, 'run', true, {}, [], Symbol('run')])(
    'that is no function (%s) is an error inside the new greenlet, which goes to its parent',
    (run) => {
      const parent = new Greenlet((target: Greenlet) => thrownBy(() => main.switch(target)));
      const target = new Greenlet(run as never, parent);
      parent.switch(target);
      // main switches; not main but the parent gets the error, and returns it to main.
      const error = target.switch();
      expect(error).toBeInstanceOf(TypeError);
      expect(parent.dead).toBe(true);
      expect(target.dead).toBe(true);
    },
  );

  it('can be read and set until the start', () => {
    const first = () => 'first';
    const second = () => 'second';
    const greenlet = new Greenlet(first);
    expect(greenlet.run).toBe(first);
    greenlet.run = second;
    expect(greenlet.run).toBe(second);
    expect(greenlet.switch()).toBe('second');
  });

  it('can be taken away before the start', () => {
    const greenlet: Greenlet = new Greenlet(() => 'never');
    setRun(greenlet, null);
    expect(thrownBy(() => greenlet.switch())).toMatchObject({ code: 'ERR_GREENLET_NO_RUN' });
  });

  it('is gone from the start on and cannot be set any more', () => {
    const states: unknown[] = [];
    const greenlet: Greenlet = new Greenlet(() => {
      states.push(
        greenlet.run,
        thrownBy(() => setRun(greenlet)),
      );
      main.switch();
    });
    greenlet.switch();
    states.push(
      greenlet.run,
      thrownBy(() => setRun(greenlet)),
    );
    greenlet.switch();
    states.push(
      greenlet.run,
      thrownBy(() => setRun(greenlet)),
    );
    const started = expect.objectContaining({ name: 'GreenletError', code: 'ERR_GREENLET_STARTED' });
    expect(states).toEqual([undefined, started, undefined, started, undefined, started]);
  });

  it('is gone from a greenlet that died before it could start', () => {
    const greenlet = new Greenlet(() => 'never');
    expect(() => greenlet.throw(new Error('before the start'))).toThrow('before the start');
    expect(greenlet.run).toBeUndefined();
    expect(thrownBy(() => setRun(greenlet))).toMatchObject({ code: 'ERR_GREENLET_STARTED' });
  });

  it('is called without a receiver when it is a plain function', () => {
    const greenlet = new Greenlet(function (this: unknown) {
      return this;
    });
    expect(greenlet.switch()).toBeUndefined();
  });
});

function setRun(greenlet: Greenlet, run: unknown = () => 'too late'): void {
  (greenlet as { run: unknown }).run = run;
}

describe('the main greenlet', () => {
  it('has no parent, is alive and has no run', () => {
    expect(main).toBeInstanceOf(Greenlet);
    expect(main).toMatchObject({ parent: null, started: true, active: true, dead: false, name: 'main' });
    expect(main.run).toBeUndefined();
  });

  it('takes neither a run nor a parent', () => {
    expect(thrownBy(() => setRun(main))).toMatchObject({ code: 'ERR_GREENLET_STARTED' });
    expect(
      thrownBy(() => {
        main.parent = new Greenlet();
      }),
    ).toMatchObject({ name: 'GreenletError', code: 'ERR_GREENLET_MAIN_PARENT' });
    expect(main.parent).toBeNull();
  });

  it('is the same one in every callback of the event loop', async () => {
    const seen = [
      getCurrent(),
      await Promise.resolve().then(getCurrent),
      await new Promise((resolve) => setTimeout(() => resolve(getCurrent()), 1)),
      await new Promise((resolve) => setImmediate(() => resolve(getCurrent()))),
      await new Promise((resolve) => process.nextTick(() => resolve(getCurrent()))),
    ];
    expect(new Set(seen)).toEqual(new Set([main]));
  });

  it('is another one in each Worker, whose greenlets switch there', async () => {
    const reports = await Promise.all(
      [1, 2].map((number) => answerOf(new Worker(fixture('core/worker'), { workerData: number }))),
    );
    expect(reports).toEqual([
      {
        parentIsNull: true,
        dead: false,
        run: undefined,
        log: ['child gets 1', 'main gets 2', 'child gets 3', 'main gets 4'],
      },
      {
        parentIsNull: true,
        dead: false,
        run: undefined,
        log: ['child gets 2', 'main gets 3', 'child gets 4', 'main gets 5'],
      },
    ]);
  });
});

function answerOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
}
