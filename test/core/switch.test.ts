// What switch() delivers, and to whom. Not for errors (throw.test.ts) nor for what a greenlet's end does (death.test.ts).
import { Greenlet, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';

const main = getCurrent();

describe('what switch() delivers', () => {
  const list = [1, 2];
  const cases: [string, unknown[], unknown][] = [
    ['nothing as undefined', [], undefined],
    ['one argument as itself', ['one'], 'one'],
    ['an undefined argument as itself', [undefined], undefined],
    ['null as itself', [null], null],
    ['an array as itself', [list], list],
    ['several arguments as one array', [1, 'two', list], [1, 'two', list]],
    ['two undefined arguments as one array', [undefined, undefined], [undefined, undefined]],
  ];

  it.each(cases)('%s, to a parked greenlet', (_, args, delivered) => {
    const greenlet = new Greenlet(() => [main.switch()]);
    greenlet.switch();
    const [received]: unknown[] = greenlet.switch(...args);
    expect(received).toEqual(delivered);
    if (args.length === 1) expect(received).toBe(args[0]);
  });

  it.each(cases)('%s, to the parked main greenlet', (_, args, delivered) => {
    const received: unknown = new Greenlet(() => main.switch(...args)).switch();
    expect(received).toEqual(delivered);
    if (args.length === 1) expect(received).toBe(args[0]);
  });

  it.each(cases)('%s, to the current greenlet at once', (_, args, delivered) => {
    expect(main.switch(...args)).toEqual(delivered);
    const child: Greenlet = new Greenlet(() => [child.switch(...args)]);
    expect(child.switch()).toEqual([delivered]);
  });

  it.each(cases)('%s, to the parent of a dead one', (_, args, delivered) => {
    const dead = new Greenlet(() => {});
    dead.switch();
    expect(dead.switch(...args)).toEqual(delivered);
  });

  it('all arguments to the run of an unstarted greenlet', () => {
    const argumentsOf = (...args: unknown[]) => args;
    expect(new Greenlet(argumentsOf).switch()).toEqual([]);
    expect(new Greenlet(argumentsOf).switch(undefined)).toEqual([undefined]);
    expect(new Greenlet(argumentsOf).switch([1, 2])).toEqual([[1, 2]]);
    expect(new Greenlet(argumentsOf).switch(1, 2, 3)).toEqual([1, 2, 3]);
  });

  it('promises and thenables as they are', () => {
    const promise = Promise.resolve(1);
    const greenlet = new Greenlet(() => main.switch(promise));
    expect(greenlet.switch()).toBe(promise);
  });
});

describe('switch()', () => {
  it('starts an unstarted greenlet and comes back when that switches back', () => {
    const log: string[] = [];
    const greenlet = new Greenlet((first: string) => {
      log.push(`starts with ${first}`);
      log.push(`gets ${main.switch('b')}`);
      return 'd';
    });
    log.push(`main gets ${greenlet.switch('a')}`);
    log.push(`main gets ${greenlet.switch('c')}`);
    expect(log).toEqual(['starts with a', 'main gets b', 'gets c', 'main gets d']);
  });

  it('runs the greenlet on a stack of its own', () => {
    function startsIt(greenlet: Greenlet): unknown {
      return greenlet.switch();
    }
    function runs(): unknown {
      return new Error('here').stack;
    }
    const stack = startsIt(new Greenlet(runs));
    expect(stack).toContain('runs');
    expect(stack).not.toContain('startsIt');
  });

  it('makes the target the current greenlet, and the leaver again on return', () => {
    const seen: Greenlet[] = [];
    const greenlet: Greenlet = new Greenlet(() => {
      seen.push(getCurrent());
      main.switch();
      seen.push(getCurrent());
    });
    greenlet.switch();
    seen.push(getCurrent());
    greenlet.switch();
    seen.push(getCurrent());
    expect(seen).toEqual([greenlet, main, greenlet, main]);
  });

  it('keeps local variables, loops and closures of every greenlet apart', () => {
    function countFrom(start: number): Greenlet {
      return new Greenlet(() => {
        for (let i = start; ; i++) main.switch(i);
      });
    }
    const [tens, hundreds] = [countFrom(10), countFrom(100)];
    const seen = [0, 1, 2].map(() => [tens.switch(), hundreds.switch()]);
    expect(seen).toEqual([
      [10, 100],
      [11, 101],
      [12, 102],
    ]);
  });

  it('goes round a ring of greenlets that never meet main', () => {
    const size = 5;
    const ring: Greenlet[] = Array.from(
      { length: size },
      (_, i) =>
        new Greenlet((path: string) => {
          for (let seen = path; ; ) {
            seen += i;
            seen = seen.length >= 3 * size ? main.switch(seen) : ring[(i + 1) % size]?.switch(seen);
          }
        }),
    );
    expect(ring[0]?.switch('')).toBe('012340123401234');
  });

  it('can be answered by any greenlet: there is no pairing of requests and answers', () => {
    const asks: Greenlet = new Greenlet(() => `asked knows, got ${knows.switch('question')}`);
    const knows: Greenlet = new Greenlet(() => main.switch('not yet'));
    const stranger = new Greenlet(() => asks.switch('answer of a stranger'));
    expect(asks.switch()).toBe('not yet');
    expect(stranger.switch()).toBe('asked knows, got answer of a stranger');
  });

  it('nests as deep as greenlets start each other', () => {
    function nest(levels: number): number {
      return levels === 0 ? 0 : 1 + new Greenlet(nest).switch(levels - 1);
    }
    expect(nest(500)).toBe(500);
  });

  it('resumes greenlets in any order, not only the reverse one', () => {
    const greenlets = Array.from({ length: 10 }, (_, i) => new Greenlet(() => main.switch() + i));
    for (const greenlet of greenlets) greenlet.switch();
    const order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7];
    expect(order.map((i) => greenlets[i]?.switch(100))).toEqual(order.map((i) => 100 + i));
  });

  it('can switch from a greenlet to one that it did not make, by whatever name', () => {
    const box: { greenlet?: Greenlet } = {};
    const maker = new Greenlet(() => {
      box.greenlet = new Greenlet(() => 'ran');
      box.greenlet.parent = main;
    });
    maker.switch();
    expect(new Greenlet(() => box.greenlet?.switch()).switch()).toBe('ran');
  });
});

describe('the run of an unstarted target', () => {
  class Looked extends Greenlet {
    look: () => () => unknown = () => () => {};
    static {
      Object.defineProperty(Looked.prototype, 'run', {
        get(this: Looked) {
          return this.look();
        },
      });
    }
  }

  it('is looked up in the calling greenlet', () => {
    const target = new Looked();
    const seen: Greenlet[] = [];
    target.look = () => {
      seen.push(getCurrent());
      return () => seen.push(getCurrent());
    };
    const caller = new Greenlet(() => target.switch());
    caller.switch();
    expect(seen).toEqual([caller, target]);
  });

  it('is looked up by a getter that may itself switch', () => {
    const target = new Looked();
    target.look = () => {
      const found = main.switch('what shall it run?');
      return () => `ran ${found}`;
    };
    const caller: Greenlet = new Greenlet(() => target.switch());
    target.parent = main;
    expect(caller.switch()).toBe('what shall it run?');
    expect(target.started).toBe(false);
    expect(caller.switch('this')).toBe('ran this');
    expect(target.dead).toBe(true);
  });

  it('is not called when its getter has started the greenlet meanwhile: that is resumed', () => {
    const target = new Looked();
    let runs = 0;
    target.look = () => {
      target.look = () => () => {
        runs++;
        return `resumed with ${main.switch('started by the getter')}`;
      };
      target.switch();
      return () => 'never';
    };
    expect(target.switch('resume')).toBe('resumed with resume');
    expect(runs).toBe(1);
  });

  it('is not called when its getter has ended the greenlet meanwhile: its parent goes on', () => {
    const target = new Looked();
    target.look = () => {
      target.kill();
      return () => 'never';
    };
    expect(target.switch('value')).toBe('value');
    expect(target.dead).toBe(true);
  });

  it('may raise while it is looked up: the caller gets the error and the target stays unstarted', () => {
    const target = new Looked();
    target.look = () => {
      throw new Error('no run today');
    };
    expect(() => target.switch()).toThrow('no run today');
    expect(target.started).toBe(false);
    target.look = () => () => 'ran';
    expect(target.switch()).toBe('ran');
  });
});

describe('switch() to a dead greenlet', () => {
  function deadGreenlet(parent: Greenlet = main): Greenlet {
    const greenlet = new Greenlet(() => {}, parent);
    greenlet.kill();
    return greenlet;
  }

  it('returns at once when its parent is the current greenlet', () => {
    expect(deadGreenlet().switch('back')).toBe('back');
  });

  it('goes on in its parked parent', () => {
    const parent = new Greenlet(() => `parent got ${main.switch()}`);
    parent.switch();
    expect(deadGreenlet(parent).switch('value')).toBe('parent got value');
  });

  it('goes up past dead ancestors to a live one', () => {
    const live = new Greenlet(() => `live got ${main.switch()}`);
    live.switch();
    const chain = deadGreenlet(deadGreenlet(deadGreenlet(live)));
    expect(chain.switch('value')).toBe('live got value');
  });

  it('starts an unstarted ancestor with the arguments', () => {
    const ancestor = new Greenlet((...args: unknown[]) => args);
    const chain = deadGreenlet(deadGreenlet(ancestor));
    expect(chain.switch(1, 2, 3)).toEqual([1, 2, 3]);
    expect(ancestor.dead).toBe(true);
  });

  it('fails in the caller when that ancestor has no run', () => {
    const ancestor = new Greenlet();
    expect(() => deadGreenlet(ancestor).switch()).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_NO_RUN' }));
    expect(ancestor.started).toBe(false);
  });

  it('climbs a chain of ten thousand dead ancestors', () => {
    let chain = main;
    for (let i = 0; i < 10_000; i++) chain = deadGreenlet(chain);
    expect(chain.switch('top')).toBe('top');
  });
});
