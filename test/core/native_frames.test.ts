// Switching from inside everything that calls back: the engine's own functions, accessors, constructors, WebAssembly, Node's
// functions. None of it may notice that it was left in the middle. Not for async functions and promise jobs: promises.test.ts.
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import vm from 'node:vm';
import { Greenlet, getCurrent } from 'greenlets/core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { collectGarbage } from '../helpers/collect_garbage.js';
import { expectSameWithPauses, type Pause } from '../helpers/pausing.js';

// The types of Node 20 do not have it.
declare const WebAssembly: {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

const main = getCurrent();

const inBuiltIns: Record<string, (pause: Pause) => unknown> = {
  'a sort comparator': (pause) => [5, 3, 9, 1, 7, 2].sort((a, b) => pause(a - b)),
  'a typed array sort comparator': (pause) => [...new Int32Array([5, 3, 9, 1]).sort((a, b) => pause(a - b))],
  map: (pause) => [1, 2, 3].map((n) => pause(n * 2)),
  'forEach, nested': (pause) => {
    const seen: string[] = [];
    [1, 2].forEach((a) => {
      [3, 4].forEach((b) => {
        seen.push(pause(`${a}${b}`));
      });
    });
    return seen;
  },
  'filter, find, some, every, flatMap and reduce': (pause) => [
    [1, 2, 3].filter((n) => pause(n > 1)),
    [1, 2, 3].find((n) => pause(n === 2)),
    [1, 2, 3].some((n) => pause(n > 2)),
    [1, 2, 3].every((n) => pause(n < 3)),
    [1, 2].flatMap((n) => pause([n, n])),
    [1, 2, 3].reduce((sum, n) => pause(sum + n)),
    [1, 2, 3].reduceRight((sum, n) => pause(`${sum}${n}`), ''),
  ],
  'Array.from, its iterator and its mapping': (pause) => Array.from(pausingIterable(pause), (n) => pause(n * 10)),
  'Array.from of an array-like with getters': (pause) =>
    Array.from({
      get length() {
        return pause(2);
      },
      get 0() {
        return pause('first');
      },
      1: 'second',
    }),
  'concat of spreadables': (pause) =>
    ([0] as unknown[]).concat({
      get [Symbol.isConcatSpreadable]() {
        return pause(true);
      },
      get length() {
        return pause(1);
      },
      0: 'spread',
    } as never),
  'Map, Set and WeakMap constructors': (pause) => [
    new Set(pausingIterable(pause)),
    new Map([...pausingIterable(pause)].map((n) => [n, n])),
    new Map(
      (function* () {
        yield pause([1, 2]);
      })() as Iterable<[number, number]>,
    ),
  ],
  'Map and Set forEach': (pause) => {
    const seen: unknown[] = [];
    new Map([[1, 2]]).forEach((value, key) => {
      seen.push(pause([key, value]));
    });
    new Set([3]).forEach((value) => {
      seen.push(pause(value));
    });
    return seen;
  },
  'a String.replace callback': (pause) => 'abc'.replace(/./g, (letter) => pause(letter.toUpperCase())),
  'a String.replaceAll callback': (pause) => 'a-b-c'.replaceAll('-', () => pause('+')),
  'a replace callback with a regular expression of named groups': (pause) =>
    '2026-01'.replace(/(?<year>\d+)-(?<month>\d+)/u, (_match, year, month) => pause(`${month}/${year}`)),
  'a regular expression inside of another one': (pause) =>
    'ab cd'.replace(/\w+/g, (word) => word.replace(/./g, (letter) => pause(`${letter}.`))),
  'matchAll and split with an exec of its own': (pause) => {
    class Pausing extends RegExp {
      override exec(text: string) {
        return pause(super.exec(text));
      }
    }
    return [
      [...'a1b2'.matchAll(new Pausing('\\d', 'g'))].map(String),
      'a1b2'.split(new Pausing('\\d')),
      new Pausing('b').test('a1b2'),
    ];
  },
  'toJSON and a replacer of JSON.stringify': (pause) =>
    JSON.stringify({ a: { toJSON: () => pause('toJSON') }, b: [1] }, (_key, value) => pause(value), 2),
  'getters under JSON.stringify': (pause) =>
    JSON.stringify({
      get deep() {
        return {
          get deeper() {
            return pause('value');
          },
        };
      },
    }),
  'a reviver of JSON.parse': (pause) => JSON.parse('{"a":[1,{"b":2}]}', (_key, value) => pause(value)),
  'a getter under structuredClone': (pause) =>
    structuredClone({
      list: [
        {
          get value() {
            return pause(new Map([[1, 'one']]));
          },
        },
      ],
    }),
  'getters and setters': (pause) => {
    const seen: unknown[] = [];
    const object = {
      get value() {
        return pause('get');
      },
      set value(value) {
        seen.push(pause(value));
      },
    };
    const got = object.value;
    object.value = `${got} and set`;
    return seen;
  },
  'Object.assign, spread and Object.entries': (pause) => {
    const source = {
      get value() {
        return pause(1);
      },
    };
    return [Object.assign({}, source), { ...source }, Object.entries(source), Object.values(source)];
  },
  'Object.fromEntries': (pause) => Object.fromEntries([...pausingIterable(pause)].map((n) => [pause(`key${n}`), n])),
  'Object.defineProperty with a descriptor of getters': (pause) =>
    Object.defineProperty({} as { value?: number }, 'value', {
      get value() {
        return pause(5);
      },
    }).value,
  'toPrimitive, valueOf and toString': (pause) => {
    const primitive = { [Symbol.toPrimitive]: (hint: string) => pause(hint === 'string' ? 'text' : 7) };
    const valued = { valueOf: () => pause(8) };
    const textual = { toString: () => pause('key') };
    return [
      `${primitive}`,
      +primitive,
      (valued as never) + 1,
      { [textual as never]: 1 },
      (valued as never) < 9,
      Math.max(valued as never, 3),
      new Date(valued as never).getTime(),
      String(textual),
    ];
  },
  'Symbol.hasInstance': (pause) =>
    ({}) instanceof (Object.defineProperty(() => {}, Symbol.hasInstance, { value: () => pause(true) }) as never),
  'Symbol.species': (pause) => {
    class Special extends Array<number> {
      static override get [Symbol.species]() {
        return pause(Array);
      }
    }
    return Special.from([1, 2]).map((n) => n + 1) instanceof Special;
  },
  'every trap of a Proxy': (pause) => {
    const target = function target(this: unknown, value: unknown) {
      return value;
    } as unknown as Record<string, unknown> & ((value: unknown) => unknown) & (new (value: unknown) => object);
    const proxy = new Proxy(target, {
      get: (object, key, receiver) => pause(Reflect.get(object, key, receiver)),
      set: (object, key, value) => pause(Reflect.set(object, key, value)),
      has: (object, key) => pause(Reflect.has(object, key)),
      deleteProperty: (object, key) => pause(Reflect.deleteProperty(object, key)),
      ownKeys: (object) => pause(Reflect.ownKeys(object)),
      getOwnPropertyDescriptor: (object, key) => pause(Reflect.getOwnPropertyDescriptor(object, key)),
      defineProperty: (object, key, descriptor) => pause(Reflect.defineProperty(object, key, descriptor)),
      getPrototypeOf: (object) => pause(Reflect.getPrototypeOf(object)),
      setPrototypeOf: (object, prototype) => pause(Reflect.setPrototypeOf(object, prototype)),
      isExtensible: (object) => pause(Reflect.isExtensible(object)),
      preventExtensions: (object) => pause(Reflect.preventExtensions(object)),
      apply: (_object, _receiver, args) => pause(args[0]),
      construct: (_object, args) => pause({ made: args[0] }),
    });
    proxy.key = 1;
    return [
      proxy.key,
      'key' in proxy,
      Object.keys(proxy),
      delete proxy.key,
      proxy(2),
      new proxy(3),
      Object.getPrototypeOf(proxy) === Function.prototype,
      Object.setPrototypeOf(proxy, Function.prototype) === proxy,
      Reflect.defineProperty(proxy, 'other', { value: 4, configurable: true }),
      Object.isExtensible(proxy),
      Object.isFrozen(proxy),
      Object.preventExtensions(proxy) === proxy,
    ];
  },
  'Reflect.apply, call and bind': (pause) => [
    Reflect.apply(pause, null, [1]),
    pause.call(null, 2),
    (pause as (n: number) => number).bind(null, 3)(),
  ],
  'Atomics, DataView and typed arrays, whose arguments are converted': (pause) => {
    const ints = new Int32Array(new SharedArrayBuffer(8));
    const four = { valueOf: () => pause(4) } as never;
    Atomics.store(ints, 0, four);
    Atomics.add(ints, 0, four);
    new DataView(ints.buffer).setInt32(four, four, true);
    return [...ints, new Uint8Array([four])[0], new Float64Array(pausingIterable(pause))[1]];
  },
  'BigInt, Intl and Date conversions': (pause) => [
    BigInt({ valueOf: () => pause('12') } as never),
    new Intl.NumberFormat('en').format({ valueOf: () => pause(1234) } as never),
    new Date(2026, { valueOf: () => pause(1) } as never).getMonth(),
  ],
  'eval and new Function': (pause) => [
    new Function('pause', 'return [1, 2].map((n) => pause(n))')(pause),
    // biome-ignore lint/security/noGlobalEval: a frame of eval is what is tested
    globalThis.eval('(pause) => pause("evaluated")')(pause),
  ],
  'a with statement': (pause) =>
    new Function('object', 'with (object) { return value; }')({
      get value() {
        return pause('with');
      },
    }),
};

function pausingIterable(pause: Pause): Iterable<number> {
  return {
    [Symbol.iterator]() {
      let n = 0;
      return pause({
        next: () => pause(n < 3 ? { done: false as const, value: ++n } : { done: true as const, value: undefined }),
        return: () => pause({ done: true as const, value: undefined }),
      });
    },
  };
}

const inSyntax: Record<string, (pause: Pause) => unknown> = {
  'iteration: for…of, spread, destructuring and an early return': (pause) => {
    const seen: unknown[] = [];
    for (const n of pausingIterable(pause)) seen.push(n);
    for (const n of pausingIterable(pause)) if (n === 2) break;
    const [first, ...rest] = pausingIterable(pause);
    return [...pausingIterable(pause), seen, first, rest, Math.max(...pausingIterable(pause))];
  },
  'the body of a generator': (pause) => {
    function* body(): Generator<unknown, unknown, unknown> {
      const sent = yield pause(1);
      try {
        yield pause(sent);
      } finally {
        pause('finally');
      }
      return pause('returned');
    }
    const generator = body();
    return [generator.next(0), generator.next(5), generator.return('early'), [...body()]];
  },
  'yield* over a pausing iterable': (pause) => [
    ...(function* () {
      yield* pausingIterable(pause);
    })(),
  ],
  'constructors, field initialisers, static blocks and super()': (pause) => {
    class Base {
      readonly field: unknown = pause('field of the base');
      constructor(readonly argument: unknown) {
        pause('constructor of the base');
      }
    }
    class Derived extends Base {
      static #fromBlock: unknown;
      static {
        Derived.#fromBlock = pause('static block');
      }
      readonly #secret: unknown = pause('private field');
      constructor() {
        super(pause('argument of super'));
        pause(this.field);
      }
      all(): unknown {
        return [this.field, this.argument, this.#secret, Derived.#fromBlock];
      }
    }
    return new Derived().all();
  },
  'Reflect.construct with a new.target': (pause) => {
    class Target {
      readonly target: unknown;
      constructor() {
        this.target = pause(new.target.name);
      }
    }
    class Other {}
    const made: unknown = Reflect.construct(Target, [], Other);
    return [made instanceof Other, (made as Target).target];
  },
  'tagged templates': (pause) => {
    const tag = (strings: TemplateStringsArray, ...values: unknown[]) => pause(`${strings.raw.join('|')}${values}`);
    return [tag`a${pause(1)}b${pause(2)}\n`, String.raw`\x${pause('y')}`];
  },
  'try, catch and finally': (pause) => {
    const log: unknown[] = [];
    try {
      try {
        pause('body');
        throw new Error('thrown');
      } catch (error) {
        log.push(pause((error as Error).message));
        throw new Error('thrown again');
      } finally {
        log.push(pause('finally'));
      }
    } catch (error) {
      log.push(pause((error as Error).message));
    }
    const early = () => {
      try {
        return pause('returned');
      } finally {
        pause('after the return');
      }
    };
    return [log, early()];
  },
  'default values, computed keys and optional chaining': (pause) => {
    const take = ({ value = pause('default') }: { value?: string }, other = pause(2)) => [value, other];
    const object: { [key: string]: (() => unknown) | undefined } = { [pause('key')]: () => pause('called') };
    return [take({}), object.key?.(), object.none?.()];
  },
  'arguments that are evaluated one after another': (pause) =>
    ((...args: unknown[]) => args)(pause(1), [pause(2)], { three: pause(3) }, ...[pause(4)]),
  'the synchronous part of async functions and async generators': (pause) => {
    const seen: unknown[] = [];
    (async () => {
      seen.push(pause('async function'));
    })();
    (async function* () {
      seen.push(pause('async generator'));
      yield;
    })().next();
    new Promise((resolve) => resolve(seen.push(pause('executor'))));
    return seen;
  },
  recursion: (pause) => {
    const fibonacci = (n: number): number => (n < 2 ? pause(n) : fibonacci(n - 1) + fibonacci(n - 2));
    return fibonacci(7);
  },
  'a loop that is hot enough to be optimised': (pause) => {
    let sum = 0;
    for (let i = 0; i < 20_000; i++) sum += i % 5_000 === 0 ? pause(i) : i * 0.5;
    return sum;
  },
};

const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-module-'));
const require = createRequire(path.join(folder, 'any.js'));
afterAll(() => rmSync(folder, { recursive: true }));

const inNode: Record<string, (pause: Pause) => unknown> = {
  'an EventEmitter': (pause) => {
    const seen: unknown[] = [];
    const emitter = new EventEmitter().on('event', (value) => seen.push(pause(value)));
    emitter.once('event', (value) => seen.push(pause(value)));
    emitter.emit('event', 1);
    emitter.emit('event', 2);
    return seen;
  },
  'an EventTarget and an AbortSignal': (pause) => {
    const seen: unknown[] = [];
    const target = new EventTarget();
    target.addEventListener('event', ({ type }) => seen.push(pause(type)));
    target.dispatchEvent(new Event('event'));
    const controller = new AbortController();
    controller.signal.addEventListener('abort', () => seen.push(pause('aborted')));
    controller.abort();
    return seen;
  },
  'a diagnostics channel': (pause) => {
    const seen: unknown[] = [];
    const subscriber = (message: unknown) => seen.push(pause(message));
    const published = channel(`greenlets test ${Math.random()}`);
    published.subscribe(subscriber);
    published.publish('message');
    published.unsubscribe(subscriber);
    return seen;
  },
  'the transform of a stream': (pause) => {
    const seen: unknown[] = [];
    const stream = new PassThrough({
      transform: (chunk, _encoding, callback) => callback(null, pause(String(chunk).toUpperCase())),
    });
    stream.on('data', (chunk) => seen.push(String(chunk)));
    stream.write('one');
    return [seen, String(stream.read())];
  },
  'a module that is required': (pause) => {
    const file = path.join(folder, `${Math.random()}.cjs`);
    writeFileSync(file, 'module.exports = globalThis.greenletsTestPause("required");');
    (globalThis as Record<string, unknown>).greenletsTestPause = pause;
    return require(file);
  },
  'code of another context': (pause) => [
    vm.runInNewContext('[2, 1].sort((a, b) => pause(a - b)).join()', { pause }),
    new vm.Script('pause("script")').runInContext(vm.createContext({ pause })),
  ],
  'util.inspect': (pause) => inspect({ [inspect.custom]: () => pause('inspected') }),
  'Buffer.from and URLSearchParams, which convert': (pause) => [
    String(Buffer.from({ valueOf: () => pause('text') } as never)),
    String(new URLSearchParams([[{ toString: () => pause('key') } as never, 'value']])),
    new URL({ toString: () => pause('http://host/path') } as never).pathname,
  ],
};

describe.each([
  ['built-in functions', inBuiltIns],
  ['syntax', inSyntax],
  ["Node's own functions", inNode],
])('switching inside %s', (_, bodies) => {
  it.each(Object.entries(bodies))('is not noticed by %s', (_, body) => {
    expectSameWithPauses(body);
  });
});

describe('switching inside Error.prepareStackTrace', () => {
  const before = Error.prepareStackTrace;
  afterEach(() => {
    Error.prepareStackTrace = before as never;
  });

  it('is not noticed by the error whose stack is asked for', () => {
    Error.prepareStackTrace = ({ message }) => main.switch(message);
    const greenlet = new Greenlet(() => new Error('message').stack);
    expect(greenlet.switch()).toBe('message');
    expect(new Error('of main, meanwhile').stack).toContain('of main, meanwhile');
    expect(greenlet.switch('prepared')).toBe('prepared');
  });
});

describe('switching inside WebAssembly', () => {
  // (module
  //   (import "e" "p" (func $p (param i32) (result i32)))
  //   (func (export "run") (param i32) (result i32)
  //     local.get 0  call $p  local.get 0  i32.const 1  i32.add  call $p  i32.add))
  const module = new WebAssembly.Module(
    Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...[0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f],
      ...[0x02, 0x07, 0x01, 0x01, 0x65, 0x01, 0x70, 0x00, 0x00],
      ...[0x03, 0x02, 0x01, 0x00],
      ...[0x07, 0x07, 0x01, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x01],
      ...[0x0a, 0x10, 0x01, 0x0e, 0x00, 0x20, 0x00, 0x10, 0x00, 0x20, 0x00, 0x41, 0x01, 0x6a, 0x10, 0x00, 0x6a, 0x0b],
    ]),
  );
  function runWith(imported: (n: number) => number): (n: number) => number {
    return new WebAssembly.Instance(module, { e: { p: imported } }).exports.run as (n: number) => number;
  }

  it('is not noticed by its frames', () => {
    expectSameWithPauses((pause) => runWith((n) => pause(n * 10))(4));
  });

  it('is not noticed by frames of both kinds, one above the other', () => {
    expectSameWithPauses((pause) => {
      const inner = runWith((n) => pause(n * 10));
      return [2, 1].map((n) => runWith((m) => inner(m) + 1)(n));
    });
  });

  it('unwinds its frames by an error', () => {
    const greenlet = new Greenlet(() => runWith(() => main.switch())(1));
    greenlet.switch();
    collectGarbage();
    expect(() => greenlet.throw(new Error('through wasm'))).toThrow('through wasm');
    expect(greenlet.dead).toBe(true);
  });
});

describe('a greenlet inside of a callback', () => {
  it('can be started, left and resumed from different callbacks of one sort', () => {
    const counter = new Greenlet(() => {
      for (let i = 1; ; i++) main.switch(i);
    });
    const counts: number[] = [];
    [3, 1, 2].sort((a, b) => {
      counts.push(counter.switch());
      return a - b;
    });
    expect(counts).toEqual(counts.map((_, i) => i + 1));
    counter.kill();
  });

  it('can be left in one frame and resumed in another, crosswise', () => {
    const log: string[] = [];
    const sorts = ['a', 'b'].map(
      (name) =>
        new Greenlet(() => {
          log.push(`${name} ${[2, 1, 3].sort((x, y) => main.switch() ?? x - y)}`);
        }),
    );
    const [a, b] = sorts as [Greenlet, Greenlet];
    a.switch();
    [1, 2].map(() => b.switch());
    'xyz'.replace(/./g, () => {
      a.switch();
      b.switch();
      return '';
    });
    for (const greenlet of sorts) while (greenlet.active) greenlet.switch();
    expect(log.sort()).toEqual(['a 1,2,3', 'b 1,2,3']);
  });
});
