// What throw() raises, and where. Not for what comes of an error that nobody catches: death.test.ts.
import { Greenlet, GreenletExit, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

/** A parked greenlet which returns, in an array, whatever is thrown into it. */
function catcher(): Greenlet {
  const greenlet = new Greenlet(() => {
    try {
      main.switch();
    } catch (error) {
      return [error];
    }
    return 'nothing was thrown';
  });
  greenlet.switch();
  return greenlet;
}

function deadGreenlet(parent: Greenlet = main): Greenlet {
  const greenlet = new Greenlet(() => {}, parent);
  greenlet.kill();
  return greenlet;
}

describe('what throw() raises', () => {
  it('GreenletExit, without arguments', () => {
    const [error]: unknown[] = catcher().throw();
    expect(error).toBeInstanceOf(GreenletExit);
    expect(error).toMatchObject({ name: 'GreenletExit', message: '' });
  });

  it.each([new Error('error'), 'text', 5, 0, null, undefined, Symbol('symbol'), { plain: 'object' }, () => 'function'])(
    'any value, as it is: %o',
    (value) => {
      const [error]: unknown[] = catcher().throw(value);
      expect(error).toBe(value);
    },
  );

  it('a new instance of an error class, made with the other arguments', () => {
    class Special extends Error {
      constructor(
        readonly first: number,
        readonly second: number,
      ) {
        super(`${first} and ${second}`);
      }
    }
    expect(catcher().throw(Special, 1, 2)).toEqual([new Special(1, 2)]);
    expect(catcher().throw(Error, 'message', { cause: 'cause' })[0]).toMatchObject({
      message: 'message',
      cause: 'cause',
    });
    expect(catcher().throw(TypeError)[0]).toBeInstanceOf(TypeError);
    expect(catcher().throw(GreenletExit, 'why')[0]).toMatchObject({ name: 'GreenletExit', message: 'why' });
  });

  it('a class that is no error class as the value that it is', () => {
    class NoError {}
    expect(catcher().throw(NoError)).toEqual([NoError]);
  });

  it('makes the instance in the caller, before anything is left', () => {
    const target = catcher();
    let maker: Greenlet | undefined;
    class Special extends Error {
      constructor() {
        super();
        maker = getCurrent();
      }
    }
    target.throw(Special);
    expect(maker).toBe(main);
  });

  it('nothing at all when the class cannot be instantiated: the caller gets that error', () => {
    const target = catcher();
    class Impossible extends Error {
      constructor() {
        super();
        throw new RangeError('impossible');
      }
    }
    expect(() => target.throw(Impossible)).toThrow('impossible');
    expect(target.active).toBe(true);
    expect(target.switch()).toBe('nothing was thrown');
  });
});

describe('throw() into a parked greenlet', () => {
  it('raises from its pending switch()', () => {
    const error = new Error('from outside');
    let caught: unknown;
    const greenlet = new Greenlet(() => {
      caught = thrownBy(() => main.switch());
    });
    greenlet.switch();
    greenlet.throw(error);
    expect(caught).toBe(error);
  });

  it('lets it go on after a catch, and gives the thrower what is next switched to it', () => {
    const greenlet = new Greenlet(() => {
      try {
        main.switch('parked');
      } catch {
        main.switch('caught');
      }
      return 'returned';
    });
    expect(greenlet.switch()).toBe('parked');
    expect(greenlet.throw(new Error('to be caught'))).toBe('caught');
    expect(greenlet.active).toBe(true);
    expect(greenlet.switch()).toBe('returned');
  });

  it('gives the thrower what another greenlet switches to it', () => {
    const other: Greenlet = new Greenlet(() => thrower.switch('from another'));
    const greenlet = new Greenlet(() => {
      try {
        main.switch();
      } catch {
        other.switch();
      }
    });
    greenlet.switch();
    const thrower: Greenlet = new Greenlet(() => `thrower got ${greenlet.throw(new Error('caught'))}`);
    expect(thrower.switch()).toBe('thrower got from another');
  });

  it('runs the finally blocks on the way, innermost first', () => {
    const log: string[] = [];
    const greenlet = new Greenlet(() => {
      try {
        try {
          main.switch();
        } finally {
          log.push('inner');
        }
      } finally {
        log.push('outer');
      }
    });
    greenlet.switch();
    expect(() => greenlet.throw(new Error('passes'))).toThrow('passes');
    expect(log).toEqual(['inner', 'outer']);
  });

  it('raises in the main greenlet, thrown by a child', () => {
    const error = new Error('for main');
    const child = new Greenlet(() => main.throw(error));
    expect(thrownBy(() => child.switch())).toBe(error);
    expect(child.active).toBe(true);
    expect(child.switch('goes on')).toBe('goes on');
  });

  it('raises GreenletExit in the main greenlet like any other error', () => {
    const exit = new GreenletExit();
    expect(thrownBy(() => new Greenlet(() => main.throw(exit)).switch())).toBe(exit);
  });

  it('passes native frames: a sort that is under way ends with the error', () => {
    const greenlet = new Greenlet(() => {
      [3, 2, 1].sort(() => main.switch());
    });
    greenlet.switch();
    expect(() => greenlet.throw(new Error('out of sort'))).toThrow('out of sort');
    expect(greenlet.dead).toBe(true);
  });
});

describe('throw() into an unstarted greenlet', () => {
  it('never calls its run: the greenlet is dead at once and the error goes to its parent', () => {
    let ran = false;
    const error = new Error('before the start');
    const parent = new Greenlet(() => [thrownBy(() => main.switch())]);
    parent.switch();
    const greenlet = new Greenlet(() => {
      ran = true;
    }, parent);
    expect(greenlet.throw(error)).toEqual([error]);
    expect(greenlet.dead).toBe(true);
    expect(ran).toBe(false);
  });

  it('delivers GreenletExit to its parent as a value', () => {
    const exit = new GreenletExit();
    const greenlet = new Greenlet(() => 'never');
    expect(greenlet.throw(exit)).toBe(exit);
    expect(greenlet.dead).toBe(true);
  });

  it('only asks whether there is a run, not whether it is a function', () => {
    const greenlet = new Greenlet(5 as never);
    expect(() => greenlet.throw(new Error('this one'))).toThrow('this one');
    expect(greenlet.dead).toBe(true);
  });
});

describe('throw() into a dead greenlet', () => {
  it('returns GreenletExit, subclasses and classes included', () => {
    class Special extends GreenletExit {}
    const exit = new Special();
    expect(deadGreenlet().throw(exit)).toBe(exit);
    expect(deadGreenlet().throw()).toBeInstanceOf(GreenletExit);
    expect(deadGreenlet().throw(Special)).toBeInstanceOf(Special);
  });

  it('delivers GreenletExit as a value to the first live ancestor', () => {
    const live = new Greenlet(() => [main.switch()]);
    live.switch();
    const exit = new GreenletExit();
    expect(deadGreenlet(deadGreenlet(live)).throw(exit)).toEqual([exit]);
  });

  it('raises anything else in the first live ancestor', () => {
    const error = new Error('for the living');
    expect(thrownBy(() => deadGreenlet(deadGreenlet()).throw(error))).toBe(error);
    const live = catcher();
    expect(deadGreenlet(deadGreenlet(live)).throw(error)).toEqual([error]);
    expect(live.dead).toBe(true);
  });

  it('kills an unstarted ancestor by the error, without calling its run, and goes on up', () => {
    let ran = false;
    const live = catcher();
    const unstarted = new Greenlet(() => {
      ran = true;
    }, live);
    const error = new Error('goes up');
    expect(deadGreenlet(unstarted).throw(error)).toEqual([error]);
    expect(unstarted.dead).toBe(true);
    expect(ran).toBe(false);
  });

  it('starts an unstarted ancestor with GreenletExit as its argument', () => {
    const exit = new GreenletExit();
    const unstarted = new Greenlet((...args: unknown[]) => args);
    expect(deadGreenlet(unstarted).throw(exit)).toEqual([exit]);
  });
});

describe('throw() into the current greenlet', () => {
  it('raises at once', () => {
    const error = new Error('here');
    const child: Greenlet = new Greenlet(() => [thrownBy(() => child.throw(error)), getCurrent()]);
    expect(child.switch()).toEqual([error, child]);
    expect(thrownBy(() => main.throw(error))).toBe(error);
  });

  it('raises GreenletExit too, which can be caught', () => {
    const child: Greenlet = new Greenlet(() => [thrownBy(() => child.throw())]);
    expect(child.switch()).toEqual([expect.any(GreenletExit)]);
  });

  it('raises even GreenletExit on the main greenlet', () => {
    expect(thrownBy(() => main.throw())).toBeInstanceOf(GreenletExit);
  });
});
