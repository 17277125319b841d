// How a greenlet ends, and who learns of it. Not for kill(): dispose.test.ts.
import { Greenlet, GreenletExit, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

/** A parked greenlet that returns what it gets next: ['got', value] or ['caught', error]. */
function waiter(parent: Greenlet = main): Greenlet {
  const greenlet = new Greenlet(() => {
    try {
      return ['got', main.switch()];
    } catch (error) {
      return ['caught', error];
    }
  }, parent);
  greenlet.switch();
  return greenlet;
}

function deadGreenlet(parent: Greenlet): Greenlet {
  const greenlet = new Greenlet(() => {}, parent);
  greenlet.kill();
  return greenlet;
}

describe('the return value', () => {
  it('is delivered to the parent', () => {
    expect(new Greenlet(() => 'value', waiter()).switch()).toEqual(['got', 'value']);
  });

  it('is delivered to the parent, not to the last resumer', () => {
    const parent = waiter();
    const child = new Greenlet(() => {
      main.switch();
      return 'value';
    }, parent);
    child.switch();
    const resumer = new Greenlet(() => {
      child.switch();
      return 'the resumer went on';
    });
    expect(resumer.switch()).toEqual(['got', 'value']);
    expect(resumer.dead).toBe(false);
  });

  it('is delivered to the parent as of that moment', () => {
    const [first, second] = [waiter(), waiter()];
    const child: Greenlet = new Greenlet(() => {
      child.parent = second;
      return 'value';
    }, first);
    expect(child.switch()).toEqual(['got', 'value']);
    expect([first.dead, second.dead]).toEqual([false, true]);
  });

  it.each([undefined, null, [1, 2], Promise.resolve()])('is delivered as it is: %o', (value) => {
    const [kind, got] = new Greenlet(() => value, waiter()).switch();
    expect(kind).toBe('got');
    expect(got).toBe(value);
  });

  it('starts an unstarted parent, as its only argument', () => {
    const parent = new Greenlet((...args: unknown[]) => ['started with', args]);
    expect(new Greenlet(() => [1, 2], parent).switch()).toEqual(['started with', [[1, 2]]]);
    const other = new Greenlet((...args: unknown[]) => ['started with', args]);
    expect(new Greenlet(() => undefined, other).switch()).toEqual(['started with', [undefined]]);
  });

  it('skips dead parents upward', () => {
    const parent = deadGreenlet(deadGreenlet(waiter()));
    expect(new Greenlet(() => 'value', parent).switch()).toEqual(['got', 'value']);
  });

  it('goes up past an unstarted parent without run, as the error that this is', () => {
    const parent = new Greenlet(undefined, { name: 'runless', parent: waiter() });
    const [kind, error] = new Greenlet(() => 'value', parent).switch();
    expect(kind).toBe('caught');
    expect(error).toMatchObject({ code: 'ERR_GREENLET_NO_RUN', message: expect.stringContaining('runless') });
    expect(parent.started).toBe(false);
  });

  it('arrives when the greenlet is dead already', () => {
    const child = new Greenlet(() => 'value');
    const parent: Greenlet = new Greenlet(() => {
      child.switch();
      return child.dead;
    });
    child.parent = parent;
    expect(parent.switch()).toBe(true);
  });

  it('of an async function is its promise, at its first await', async () => {
    const greenlet = new Greenlet(async () => {
      main.switch('before the await');
      await null;
      return getCurrent();
    });
    expect(greenlet.switch()).toBe('before the await');
    const promise: Promise<Greenlet> = greenlet.switch();
    expect(greenlet.dead).toBe(true);
    expect(await promise).toBe(main);
  });
});

describe('an uncaught error', () => {
  it('is raised in the parent, not in the last resumer', () => {
    const error = new Error('uncaught');
    const child = new Greenlet(() => {
      main.switch();
      throw error;
    }, waiter());
    child.switch();
    const resumer = new Greenlet(() => {
      child.switch();
    });
    expect(resumer.switch()).toEqual(['caught', error]);
    expect(resumer.dead).toBe(false);
  });

  it.each([new Error('error'), Object.freeze(new Error('frozen')), 'text', 0, null, undefined, Symbol('symbol')])(
    'is the same value, whatever it is: %o',
    (value) => {
      const child = new Greenlet(() => {
        throw value;
      });
      expect(thrownBy(() => child.switch())).toBe(value);
      expect(child.dead).toBe(true);
    },
  );

  it('keeps its stack as it was thrown', () => {
    function whereItHappens(): never {
      throw new Error('uncaught');
    }
    let stack: string | undefined;
    const child = new Greenlet(() => {
      try {
        whereItHappens();
      } catch (error) {
        stack = (error as Error).stack;
        throw error;
      }
    });
    const error = thrownBy(() => child.switch()) as Error;
    expect(error.stack).toContain('whereItHappens');
    expect(error.stack).toBe(stack);
  });

  it('goes up through parents that do not catch it, each of which dies', () => {
    const chain: Greenlet[] = [];
    function descend(levels: number): void {
      chain.push(getCurrent());
      if (levels === 0) throw new Error('from the bottom');
      new Greenlet(descend).switch(levels - 1);
    }
    expect(() => new Greenlet(descend).switch(5)).toThrow('from the bottom');
    expect(chain.map(({ dead }) => dead)).toEqual(new Array(6).fill(true));
  });

  it('kills an unstarted parent without calling its run, and goes on up', () => {
    let ran = false;
    const parent = new Greenlet(() => {
      ran = true;
    }, waiter());
    const error = new Error('uncaught');
    const child = new Greenlet(() => {
      throw error;
    }, parent);
    expect(child.switch()).toEqual(['caught', error]);
    expect(parent.dead).toBe(true);
    expect(ran).toBe(false);
  });

  it('is caught by the parent that waits for the greenlet, and goes no further', () => {
    const log: string[] = [];
    const outer: Greenlet = new Greenlet(() => {
      const inner = new Greenlet(() => {
        throw new Error('inner');
      });
      try {
        inner.switch();
      } catch (error) {
        log.push(`outer caught ${(error as Error).message}`);
      }
      return 'outer returned';
    });
    log.push(outer.switch());
    expect(log).toEqual(['outer caught inner', 'outer returned']);
  });
});

describe('an uncaught GreenletExit', () => {
  class Special extends GreenletExit {}

  it.each([new GreenletExit(), new GreenletExit('with a message'), new Special()])(
    'is no error: the instance becomes the value that the parent gets: %o',
    (exit) => {
      const child = new Greenlet(() => {
        throw exit;
      }, waiter());
      const [kind, got] = child.switch();
      expect(kind).toBe('got');
      expect(got).toBe(exit);
      expect(child.dead).toBe(true);
    },
  );

  it('starts an unstarted parent, as its only argument', () => {
    const exit = new GreenletExit();
    const parent = new Greenlet((...args: unknown[]) => args);
    const child = new Greenlet(() => {
      throw exit;
    }, parent);
    expect(child.switch()).toEqual([exit]);
  });

  it('skips dead parents upward', () => {
    const exit = new GreenletExit();
    const child = new Greenlet(
      () => {
        throw exit;
      },
      deadGreenlet(deadGreenlet(waiter())),
    );
    expect(child.switch()).toEqual(['got', exit]);
  });

  it('thrown into a parked greenlet comes back to the thrower when that is the parent', () => {
    const exit = new GreenletExit();
    const child = new Greenlet(() => main.switch());
    child.switch();
    expect(child.throw(exit)).toBe(exit);
  });

  it('is an Error to a catch, whose idiom lets it pass', () => {
    const caught: unknown[] = [];
    const child = new Greenlet(() => {
      for (;;) {
        try {
          main.switch();
        } catch (error) {
          if (error instanceof GreenletExit) throw error;
          caught.push(error);
        }
      }
    });
    child.switch();
    const failure = new Error('a failure');
    child.throw(failure);
    expect(child.active).toBe(true);
    expect(child.throw()).toBeInstanceOf(Error);
    expect(child.dead).toBe(true);
    expect(caught).toEqual([failure]);
  });

  it('can be replaced by a finally block that returns, or throws', () => {
    const returns = new Greenlet(() => {
      try {
        main.switch();
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what it does is the point
        return 'from finally';
      }
    });
    returns.switch();
    expect(returns.throw()).toBe('from finally');
    const throws = new Greenlet(() => {
      try {
        main.switch();
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what it does is the point
        throw new Error('from finally');
      }
    });
    throws.switch();
    expect(() => throws.throw()).toThrow('from finally');
  });

  it('lets a finally block switch, and ends only when that is resumed', () => {
    const child = new Greenlet(() => {
      try {
        main.switch('in the body');
      } finally {
        main.switch('in finally');
      }
    });
    child.switch();
    expect(child.throw()).toBe('in finally');
    expect(child.active).toBe(true);
    expect(child.switch()).toBeInstanceOf(GreenletExit);
    expect(child.dead).toBe(true);
  });
});

describe('the GreenletExit class', () => {
  it('extends Error and has its own name, on its prototype', () => {
    const exit = new GreenletExit('message', { cause: 'cause' });
    expect(exit).toBeInstanceOf(Error);
    expect(exit).toMatchObject({ name: 'GreenletExit', message: 'message', cause: 'cause' });
    expect(Object.hasOwn(exit, 'name')).toBe(false);
    expect(String(exit)).toBe('GreenletExit: message');
  });
});
