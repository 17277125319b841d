// Subclasses of Greenlet, and which run counts. Not for the plain class: construction.test.ts.
import { Greenlet, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';

const main = getCurrent();

class Method extends Greenlet {
  override run(...args: unknown[]): unknown {
    return ['method', this, ...args];
  }
}

class Field extends Greenlet {
  override run = (...args: unknown[]): unknown => ['field', this, ...args];
}

describe("a subclass's run", () => {
  it('is called on its greenlet with the arguments of the first switch', () => {
    const greenlet = new Method();
    expect(greenlet.switch(1, 2)).toEqual(['method', greenlet, 1, 2]);
    expect(greenlet.dead).toBe(true);
  });

  it("as a method beats the constructor's argument", () => {
    const greenlet = new Method(() => 'argument');
    expect(greenlet.switch()).toEqual(['method', greenlet]);
  });

  it("as an own property beats the class's method and the constructor's argument", () => {
    class Both extends Method {}
    const greenlet = new Both(() => 'argument');
    Object.defineProperty(greenlet, 'run', { value: () => 'own' });
    expect(greenlet.switch()).toBe('own');
  });

  it("as a field beats the constructor's argument", () => {
    const greenlet = new Field(() => 'argument');
    expect(greenlet.switch('first')).toEqual(['field', greenlet, 'first']);
  });

  it('can be assigned over the method until the start', () => {
    const greenlet = new Method();
    greenlet.run = () => 'assigned';
    expect(greenlet.switch()).toBe('assigned');
  });

  it('as an own property of a plain greenlet beats the argument', () => {
    const greenlet = new Greenlet(() => 'argument');
    Object.defineProperty(greenlet, 'run', { value: () => 'own' });
    expect(greenlet.switch()).toBe('own');
  });

  it('may be a getter, which is asked once, at the first switch', () => {
    let asked = 0;
    class Getter extends Greenlet {}
    Object.defineProperty(Getter.prototype, 'run', {
      get() {
        asked++;
        return () => main.switch('parked');
      },
    });
    const greenlet: Greenlet = new Getter();
    expect(asked).toBe(0);
    expect(greenlet.switch()).toBe('parked');
    greenlet.switch();
    expect(asked).toBe(1);
  });

  it('may be missing: that is the same error as without a subclass', () => {
    class Empty extends Greenlet {}
    expect(() => new Empty().switch()).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_NO_RUN' }));
  });

  it('may be no function: the new greenlet dies of that error', () => {
    class Wrong extends Greenlet {
      override run = 5 as never;
    }
    const greenlet = new Wrong();
    expect(() => greenlet.switch()).toThrow(TypeError);
    expect(greenlet.dead).toBe(true);
  });
});

describe('a subclass', () => {
  it('has constructor arguments, private fields and methods of its own, on its own stack too', () => {
    class Counter extends Greenlet {
      readonly #step: number;
      count = 0;
      constructor(step: number, parent?: Greenlet) {
        super(undefined, { name: 'counter', ...(parent && { parent }) });
        this.#step = step;
      }
      override run(): void {
        for (;;) this.#advance(main.switch(this.count));
      }
      #advance(times: number): void {
        this.count += times * this.#step;
      }
    }
    const counter = new Counter(10);
    expect(counter.switch()).toBe(0);
    expect(counter.switch(1)).toBe(10);
    expect(counter.switch(2)).toBe(30);
    expect(counter.name).toBe('counter');
    expect(counter).toBeInstanceOf(Greenlet);
  });

  it('may wrap switch() and throw()', () => {
    const log: string[] = [];
    class Logged extends Greenlet {
      override switch(...args: unknown[]): unknown {
        log.push('switch');
        return super.switch(...args);
      }
      override throw(...args: [unknown?, ...unknown[]]): unknown {
        log.push('throw');
        return super.throw(...args);
      }
    }
    const greenlet = new Logged(() => main.switch('parked'));
    expect(greenlet.switch()).toBe('parked');
    expect(() => greenlet.throw(new Error('in'))).toThrow('in');
    expect(log).toEqual(['switch', 'throw']);
  });

  it('is what getCurrent() and parent give back', () => {
    const outer: Method = new Method();
    outer.run = () => {
      const inner = new Greenlet(() => getCurrent().parent);
      return [getCurrent() === outer, inner.switch() === outer];
    };
    expect(outer.switch()).toEqual([true, true]);
  });

  it('may start and switch in its constructor and in its field initialisers', () => {
    class Eager extends Greenlet {
      readonly fromField: unknown = main.switch('in a field');
      readonly first: unknown;
      constructor() {
        super(() => main.switch('started in the constructor'));
        this.first = this.switch();
      }
    }
    const maker = new Greenlet(() => new Eager());
    expect(maker.switch()).toBe('in a field');
    expect(maker.switch('field value')).toBe('started in the constructor');
    const eager: Eager = maker.switch('constructor value');
    expect(eager).toMatchObject({ fromField: 'field value', first: 'constructor value', active: true });
    eager.kill();
  });

  it('has the parent that was current while super() ran', () => {
    const maker = new Greenlet(() => new Method());
    expect(maker.switch().parent).toBe(maker);
  });
});
