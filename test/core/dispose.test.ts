// kill() and Symbol.dispose: ending a greenlet on purpose. Not for what the collector ends: collection.test.ts.
import { Greenlet, GreenletExit, getCurrent, stats } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { expectStillSwitching } from '../helpers/still_switching.js';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

describe('kill()', () => {
  it('raises GreenletExit in a parked greenlet, runs its finally blocks and comes back when it is dead', () => {
    const log: unknown[] = [];
    const greenlet = new Greenlet(() => {
      try {
        main.switch();
      } catch (error) {
        log.push(error);
        throw error;
      } finally {
        log.push('finally');
      }
    });
    greenlet.switch();
    expect(greenlet.kill()).toBeUndefined();
    expect(greenlet.dead).toBe(true);
    expect(log).toEqual([expect.any(GreenletExit), 'finally']);
  });

  it('gives the stack back', () => {
    const before = stats().parked;
    const greenlets = Array.from({ length: 10 }, () => new Greenlet(() => main.switch()));
    for (const greenlet of greenlets) greenlet.switch();
    expect(stats().parked).toBe(before + 10);
    for (const greenlet of greenlets) greenlet.kill();
    expect(stats().parked).toBe(before);
  });

  it('lets an unstarted greenlet never start', () => {
    let ran = false;
    const greenlet = new Greenlet(() => {
      ran = true;
    });
    greenlet.kill();
    expect(greenlet.dead).toBe(true);
    expect(greenlet.switch('to the parent')).toBe('to the parent');
    expect(ran).toBe(false);
  });

  it('needs no run', () => {
    const greenlet = new Greenlet();
    greenlet.kill();
    expect(greenlet.dead).toBe(true);
  });

  it('does nothing on a dead greenlet', () => {
    const greenlet = new Greenlet(() => {});
    greenlet.switch();
    greenlet.kill();
    greenlet.kill();
    expect(greenlet.dead).toBe(true);
  });

  it('raises GreenletExit at once in the current greenlet', () => {
    let after = false;
    const greenlet: Greenlet = new Greenlet(() => {
      greenlet.kill();
      after = true;
    });
    expect(greenlet.switch()).toBeInstanceOf(GreenletExit);
    expect(greenlet.dead).toBe(true);
    expect(after).toBe(false);
  });

  it('is refused for the main greenlet, by itself and by others', () => {
    const refusal = { name: 'GreenletError', code: 'ERR_GREENLET_MAIN_PARENT' };
    expect(thrownBy(() => main.kill())).toMatchObject(refusal);
    expect(new Greenlet(() => thrownBy(() => main.kill())).switch()).toMatchObject(refusal);
  });

  it('comes back to the killer, not to the parent of the victim', () => {
    let parentRan = false;
    const parent = new Greenlet(() => {
      main.switch();
      parentRan = true;
    });
    parent.switch();
    const victim = new Greenlet(() => main.switch(), parent);
    victim.switch();
    const killer: Greenlet = new Greenlet(() => {
      victim.kill();
      return getCurrent() === killer;
    });
    expect(killer.switch()).toBe(true);
    expect(victim.dead).toBe(true);
    expect(parentRan).toBe(false);
    expect(victim.parent).toBe(parent);
    parent.kill();
  });

  it('raises in the killer what a finally block of the victim throws', () => {
    const failure = new Error('while it ends');
    const victim = new Greenlet(
      () => {
        try {
          main.switch();
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: what it does is the point
          throw failure;
        }
      },
      new Greenlet(() => 'never'),
    );
    victim.switch();
    expect(new Greenlet(() => thrownBy(() => victim.kill())).switch()).toBe(failure);
    expect(victim.dead).toBe(true);
    expect(victim.parent?.started).toBe(false);
  });

  it('comes back when a victim that catches GreenletExit next switches to the killer', () => {
    const victim = new Greenlet(() => {
      thrownBy(() => main.switch());
      main.switch();
      return 'returned';
    });
    victim.switch();
    victim.kill();
    expect(victim.active).toBe(true);
    expect(victim.parent).toBe(main);
    expect(victim.switch()).toBe('returned');
  });

  it('lets a greenlet kill its parent, which is its child for that time', () => {
    const log: unknown[] = [];
    const parent: Greenlet = new Greenlet(() => {
      try {
        const child: Greenlet = new Greenlet(() => {
          parent.kill();
          log.push('the child goes on', parent.parent);
          return 'to the heir of the parent';
        });
        log.push(child);
        child.switch();
      } finally {
        log.push('the parent ends', parent.parent, parent.parent?.parent);
      }
    });
    expect(parent.switch()).toBe('to the heir of the parent');
    expect(log).toEqual([log[0], 'the parent ends', log[0], main, 'the child goes on', main]);
    expect(parent.dead).toBe(true);
  });

  it('lets a greenlet kill its grandparent', () => {
    const log: string[] = [];
    const grandparent: Greenlet = new Greenlet(() => {
      try {
        new Greenlet(() => {
          const child = new Greenlet(() => {
            grandparent.kill();
            log.push('the child goes on');
            return 'to the parent';
          });
          log.push(child.switch());
          return 'to the heir of the grandparent';
        }).switch();
      } finally {
        log.push('the grandparent ends');
      }
    });
    expect(grandparent.switch()).toBe('to the heir of the grandparent');
    expect(log).toEqual(['the grandparent ends', 'the child goes on', 'to the parent']);
  });

  it('can be called from the finally block of another victim', () => {
    const log: string[] = [];
    const second = new Greenlet(() => {
      try {
        main.switch();
      } finally {
        log.push('second');
      }
    });
    const first = new Greenlet(() => {
      try {
        main.switch();
      } finally {
        second.kill();
        log.push('first');
      }
    });
    first.switch();
    second.switch();
    first.kill();
    expect(log).toEqual(['second', 'first']);
    expect([first.dead, second.dead]).toEqual([true, true]);
  });

  it('ends a greenlet parked inside a native frame', () => {
    const victim = new Greenlet(() => JSON.stringify({ toJSON: () => main.switch() }));
    victim.switch();
    victim.kill();
    expect(victim.dead).toBe(true);
    expectStillSwitching();
  });
});

describe('Symbol.dispose', () => {
  it('kills the greenlet at the end of a using block', () => {
    let ended = false;
    let disposed: Greenlet;
    {
      using greenlet = new Greenlet(() => {
        try {
          main.switch();
        } finally {
          ended = true;
        }
      });
      greenlet.switch();
      expect(ended).toBe(false);
      disposed = greenlet;
    }
    expect(ended).toBe(true);
    expect(disposed.dead).toBe(true);
  });

  it('kills it when the block ends by an error, which stays', () => {
    const box: Greenlet[] = [];
    expect(() => {
      using greenlet = new Greenlet(() => main.switch());
      box.push(greenlet);
      greenlet.switch();
      throw new Error('of the block');
    }).toThrow('of the block');
    expect(box[0]?.dead).toBe(true);
  });

  it('does nothing to a greenlet that is dead', () => {
    using greenlet = new Greenlet(() => {});
    greenlet.switch();
    expect(greenlet.dead).toBe(true);
  });
});
