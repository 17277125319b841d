// generate(): iterators whose values are emitted from inside ordinary calls.
import { type Emit, Greenlet, GreenletExit, generate, getCurrent, stats } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { collectGarbageUntil } from '../helpers/collect_garbage.js';
import { expectStillSwitching } from '../helpers/still_switching.js';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

function emitAll(emit: Emit<number>, count: number): void {
  for (let i = 1; i <= count; i++) emit(i);
}

describe('the values of generate()', () => {
  it('come from the emits of its body, in order', () => {
    expect([...generate<number>((emit) => emitAll(emit, 3))]).toEqual([1, 2, 3]);
  });

  it('come from any depth of calls', () => {
    interface Tree {
      value: number;
      children?: Tree[];
    }
    const tree: Tree = { value: 1, children: [{ value: 2, children: [{ value: 3 }] }, { value: 4 }] };
    const values = generate<number>((emit) => {
      const visit = ({ value, children = [] }: Tree): void => {
        emit(value);
        children.forEach(visit);
      };
      visit(tree);
    });
    expect([...values]).toEqual([1, 2, 3, 4]);
  });

  it.each<[string, (emit: Emit<unknown>) => unknown, unknown[]]>([
    [
      'sort',
      (emit) =>
        [2, 1].sort((a, b) => {
          emit([a, b]);
          return a - b;
        }),
      [[1, 2]],
    ],
    ['map', (emit) => [1, 2].map(emit), [1, 2]],
    ['replace', (emit) => 'ab'.replace(/./g, (letter) => `${emit(letter)}`), ['a', 'b']],
    ['toJSON', (emit) => JSON.stringify([{ toJSON: () => emit('toJSON') }]), ['toJSON']],
    [
      'a getter',
      (emit) =>
        ({
          get value() {
            return emit('getter');
          },
        }).value,
      ['getter'],
    ],
  ])('come from inside %s', (_, body, values) => {
    expect([...generate(body)]).toEqual(values);
  });

  it('may be anything', () => {
    const values = [undefined, null, 0, [1, 2], Promise.resolve(), new Error('value'), new GreenletExit()];
    expect([...generate<unknown>((emit) => values.map(emit))]).toEqual(values);
  });

  it('may be none at all', () => {
    expect([...generate(() => {})]).toEqual([]);
  });

  it('may come without end', () => {
    const numbers = generate<number>((emit) => emitAll(emit, Number.POSITIVE_INFINITY));
    const [first, second, third] = numbers;
    expect([first, second, third]).toEqual([1, 2, 3]);
  });

  it('come from iterators inside of iterators', () => {
    const range = (from: number, to: number): Generator<number> =>
      generate((emit) => {
        for (let i = from; i < to; i++) emit(i);
      });
    const all = generate<number>((emit) => {
      for (const tens of range(1, 3)) for (const ones of range(0, 3)) emit(10 * tens + ones);
    });
    expect([...all]).toEqual([10, 11, 12, 20, 21, 22]);
  });

  it('come from a greenlet that the body runs', () => {
    const values = generate<string>((emit) => {
      emit('body');
      new Greenlet(() => {
        emit('inner');
        emit('inner again');
      }).switch();
      emit('body again');
    });
    expect([...values]).toEqual(['body', 'inner', 'inner again', 'body again']);
  });

  it('go to whoever asks, each time', () => {
    const numbers = generate<number>((emit) => emitAll(emit, 4));
    const ask = (): unknown => numbers.next().value;
    const asked = [ask(), new Greenlet(ask).switch(), ask(), new Greenlet(ask).switch()];
    expect(asked).toEqual([1, 2, 3, 4]);
    expect(new Greenlet(() => numbers.next()).switch()).toEqual({ done: true, value: undefined });
  });
});

describe('the body of generate()', () => {
  it('runs only when a value is asked for, and only so far', () => {
    const log: string[] = [];
    const values = generate<string>((emit) => {
      log.push('starts');
      emit('a');
      log.push('goes on');
      emit('b');
      log.push('ends');
    });
    log.push('made');
    values.next();
    log.push('first');
    values.next();
    log.push('second');
    values.next();
    expect(log).toEqual(['made', 'starts', 'first', 'goes on', 'second', 'ends']);
  });

  it('returns the value of the last result', () => {
    const values = generate<number, string>((emit) => {
      emit(1);
      return 'result';
    });
    expect([values.next(), values.next(), values.next()]).toEqual([
      { done: false, value: 1 },
      { done: true, value: 'result' },
      { done: true, value: undefined },
    ]);
  });

  it('raises its errors in next(), the same object, and is over then', () => {
    const error = new Error('of the body');
    const values = generate<number>((emit) => {
      emit(1);
      throw error;
    });
    values.next();
    expect(thrownBy(() => values.next())).toBe(error);
    expect(values.next()).toEqual({ done: true, value: undefined });
  });

  it('raises GreenletExit in next() too when it throws that itself', () => {
    const exit = new GreenletExit();
    const values = generate(() => {
      throw exit;
    });
    expect(thrownBy(() => values.next())).toBe(exit);
  });

  it('is a greenlet of its own: another one than its consumer', () => {
    const [greenlet] = generate<Greenlet>((emit) => emit(getCurrent()));
    expect(greenlet).not.toBe(main);
    expect(greenlet?.dead).toBe(true);
  });

  it('may switch to other greenlets between its values', () => {
    const other: Greenlet = new Greenlet((asker: Greenlet) => {
      for (let i = 10; ; i++) asker.switch(i);
    });
    const values = generate<number>((emit) => {
      emit(other.switch(getCurrent()));
      emit(other.switch());
    });
    expect([...values]).toEqual([10, 11]);
    other.kill();
  });
});

describe('ending generate() early', () => {
  /** Emits without end; says in `log` how it ended. */
  function endless(log: unknown[]): Generator<number> {
    return generate((emit) => {
      try {
        emitAll(emit, Number.POSITIVE_INFINITY);
      } finally {
        log.push('finally');
      }
    });
  }

  it('break, destructuring, an error in the loop and Symbol.dispose run the finally blocks and free the stack', () => {
    const before = stats().parked;
    const log: unknown[] = [];
    for (const number of endless(log)) if (number === 3) break;
    const [first] = endless(log);
    expect(first).toBe(1);
    expect(() => {
      for (const number of endless(log)) throw new Error(`at ${number}`);
    }).toThrow('at 1');
    const disposed = endless(log);
    disposed.next();
    disposed[Symbol.dispose]();
    expect(log).toEqual(['finally', 'finally', 'finally', 'finally']);
    expect(stats().parked).toBe(before);
  });

  it('return(value) gives that value back', () => {
    const values = endless([]);
    values.next();
    expect(values.return('early')).toEqual({ done: true, value: 'early' });
    expect(values.next()).toEqual({ done: true, value: undefined });
    expect(values.return('late')).toEqual({ done: true, value: 'late' });
  });

  it('return() before the first value never runs the body', () => {
    const log: unknown[] = [];
    const values = endless(log);
    expect(values.return('early')).toEqual({ done: true, value: 'early' });
    expect(values.next()).toEqual({ done: true, value: undefined });
    expect(log).toEqual([]);
  });

  it('return() gives a value that a finally block emits, as a generator does', () => {
    const values = generate<string>((emit) => {
      try {
        emit('value');
      } finally {
        emit('from finally');
      }
    });
    values.next();
    expect(values.return(undefined as never)).toEqual({ done: false, value: 'from finally' });
  });

  it('return(value) gives the value in the end, after what a finally block emits, as a generator does', () => {
    const values = generate<string>((emit) => {
      try {
        emit('value');
      } finally {
        emit('from finally');
      }
    });
    values.next();
    expect(values.return('early' as never)).toEqual({ done: false, value: 'from finally' });
    expect(values.next()).toEqual({ done: true, value: 'early' });
    expect(values.next()).toEqual({ done: true, value: undefined });
  });

  it('return() gives what a finally block returns instead, as a generator does', () => {
    const values = generate<string, string>((emit) => {
      try {
        emit('value');
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what it does is the point
        return 'from finally';
      }
    });
    values.next();
    expect(values.return('early')).toEqual({ done: true, value: 'from finally' });
  });

  it('return() raises what a finally block throws', () => {
    const values = generate<string>((emit) => {
      try {
        emit('value');
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what it does is the point
        throw new Error('from finally');
      }
    });
    values.next();
    expect(() => values.return()).toThrow('from finally');
    expect(values.next().done).toBe(true);
  });

  it('throw(error) raises it from the pending emit(), and gives the next value when it is caught', () => {
    const log: unknown[] = [];
    const values = generate<number>((emit) => {
      log.push(thrownBy(() => emit(1)));
      emit(2);
    });
    const error = new Error('thrown in');
    values.next();
    expect(values.throw(error)).toEqual({ done: false, value: 2 });
    expect(log).toEqual([error]);
    expect(thrownBy(() => values.throw(error))).toBe(error);
    expect(values.next().done).toBe(true);
  });

  it('throw(error) before the first value raises it at once and never runs the body', () => {
    const log: unknown[] = [];
    const values = endless(log);
    expect(() => values.throw(new Error('early'))).toThrow('early');
    expect(values.next().done).toBe(true);
    expect(() => values.throw(new Error('late'))).toThrow('late');
    expect(log).toEqual([]);
  });

  it('reaches the greenlet whose emit() is pending, where the body runs another one', () => {
    const log: string[] = [];
    const values = generate<number>((emit) => {
      try {
        new Greenlet(() => {
          try {
            emit(1);
          } finally {
            log.push('inner');
          }
        }).switch();
        emit(2);
      } finally {
        log.push('body');
      }
    });
    values.next();
    expect(() => values.throw(new Error('thrown in'))).toThrow('thrown in');
    expect(log).toEqual(['inner', 'body']);
  });

  it('happens by itself, some time, to an iterator that nobody references any more', async () => {
    const log: unknown[] = [];
    function dropHalfway(): void {
      endless(log).next();
    }
    dropHalfway();
    await collectGarbageUntil(() => log.length > 0);
    expect(log).toEqual(['finally']);
  });
});

describe('the iterator of generate()', () => {
  it('has all that a generator has', () => {
    const values = generate<number>((emit) => emitAll(emit, 2));
    expect(values[Symbol.iterator]()).toBe(values);
    expect(Object.prototype.toString.call(values)).toBe('[object Generator]');
    function* delegate(): Generator<number> {
      yield* values;
    }
    expect([...delegate()]).toEqual([1, 2]);
    expect(Array.from(generate<number>((emit) => emitAll(emit, 3)))).toEqual([1, 2, 3]);
    expect(new Set(generate<number>((emit) => emitAll(emit, 3)))).toEqual(new Set([1, 2, 3]));
  });

  it('has the iterator helpers where Node has them', () => {
    const prototype = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
    const values = generate<number>((emit) => emitAll(emit, 2));
    expect(Object.getPrototypeOf(Object.getPrototypeOf(values))).toBe(prototype);
    const doubled = (values as unknown as { map?(fn: (n: number) => number): Iterable<number> }).map?.((n) => 2 * n);
    expect(doubled === undefined ? prototype.map : [...doubled]).toEqual(
      prototype.map === undefined ? undefined : [2, 4],
    );
  });
});

describe('misuse of generate()', () => {
  it.each([undefined, null, 5, 'body', {}])('is refused without a function: %o', (body) => {
    const error = thrownBy(() => generate(body as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
  });

  it.each<[string, (values: Generator<number>) => void]>([
    ['next()', (values) => values.next()],
    ['return()', (values) => values.return(undefined)],
    ['throw()', (values) => values.throw(new Error('never thrown'))],
  ])('%s of a body that runs is refused, as by a generator', (_, ask) => {
    const values: Generator<number> = generate((emit) => {
      const error = thrownBy(() => ask(values));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ message: 'Generator is already running' });
      emit(1);
    });
    expect([...values]).toEqual([1]);
    expectStillSwitching();
  });

  it('an emit() that nobody asked for is an error, after the end as well as during a pause', () => {
    let keep: Emit<number> | undefined;
    const values = generate<number>((emit) => {
      keep = emit;
      emit(1);
    });
    values.next();
    const refusal = { name: 'GreenletError', code: 'ERR_GREENLET_INVALID_EMIT' };
    expect(thrownBy(() => keep?.(2))).toMatchObject(refusal);
    expect(values.next().done).toBe(true);
    expect(thrownBy(() => keep?.(3))).toMatchObject(refusal);
    expectStillSwitching();
  });

  it('a switch by somebody else to whoever waits for a value is an error there, and the values go on', () => {
    let body: Greenlet | undefined;
    const values = generate<number>((emit) => {
      body = getCurrent();
      consumer.switch('not a value');
      emit(1);
    });
    const consumer = main;
    expect(thrownBy(() => values.next())).toMatchObject({ code: 'ERR_GREENLET_INVALID_EMIT' });
    expect(body?.active).toBe(true);
    expect(values.next()).toEqual({ done: false, value: 1 });
    expect(values.next().done).toBe(true);
    expectStillSwitching();
  });
});
