// Parked greenlets that nobody can resume any more: the garbage collector's part. Not for kill() (dispose.test.ts), nor for the end of
// a thread (exit.test.ts). Each greenlet is made in a function of its own, for what a running function holds cannot be collected.
import { Greenlet, GreenletExit, getCurrent, stats } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { collectAllGarbage, collectGarbageUntil } from '../helpers/collect_garbage.js';
import { runFixture } from '../helpers/run_fixture.js';
import { expectStillSwitching } from '../helpers/still_switching.js';

const main = getCurrent();

/** What a body noted when it was ended; parked until then. */
interface Notes {
  error?: unknown;
  current?: Greenlet;
  parent?: Greenlet | null;
  finally?: boolean;
}

function parkAndNote(notes: Notes): void {
  try {
    main.switch();
  } catch (error) {
    notes.error = error;
    notes.current = getCurrent();
    notes.parent = getCurrent().parent;
    throw error;
  } finally {
    notes.finally = true;
  }
}

function newParked(notes: Notes): Greenlet {
  const greenlet = new Greenlet(() => parkAndNote(notes));
  greenlet.switch();
  return greenlet;
}

function dropParked(notes: Notes, ...parent: [parent?: Greenlet | { name: string }]): void {
  new Greenlet(() => parkAndNote(notes), ...parent).switch();
}

describe('a parked greenlet that nothing references any more', () => {
  it('gets GreenletExit thrown in, and its finally blocks run', async () => {
    const notes: Notes = {};
    dropParked(notes);
    await collectGarbageUntil(() => notes.finally === true);
    expect(notes.error).toBeInstanceOf(GreenletExit);
    expect(notes.finally).toBe(true);
    expectStillSwitching();
  });

  it('has the main greenlet as its parent for that time, whatever parent it had', async () => {
    const notes: Notes = {};
    let parentRan = false;
    const parent = new Greenlet(() => {
      parentRan = true;
    });
    dropParked(notes, parent);
    await collectGarbageUntil(() => notes.finally === true);
    expect(notes.parent).toBe(main);
    expect(parentRan).toBe(false);
  });

  it('is the current greenlet then, of its class and with its name', async () => {
    class Special extends Greenlet {}
    const notes: Notes = {};
    (() => {
      new Special(() => parkAndNote(notes), { name: 'dropped' }).switch();
    })();
    await collectGarbageUntil(() => notes.finally === true);
    expect(notes.current).toBeInstanceOf(Special);
    expect(notes.current?.name).toBe('dropped');
    expect(notes.current?.dead).toBe(true);
  });

  it('is counted, and its stack is free again', async () => {
    const before = stats();
    const all = Array.from({ length: 20 }, (): Notes => ({}));
    for (const notes of all) dropParked(notes);
    expect(stats().parked).toBe(before.parked + 20);
    await collectGarbageUntil(() => all.every((notes) => notes.finally));
    expect(stats()).toMatchObject({ collected: before.collected + 20, parked: before.parked });
  });

  it('is collected from whatever native frame it is parked in', async () => {
    const notes: Notes = {};
    (() => {
      new Greenlet(() =>
        [2, 1].sort(() => {
          parkAndNote(notes);
          return 0;
        }),
      ).switch();
    })();
    await collectGarbageUntil(() => notes.finally === true);
    expect(notes.finally).toBe(true);
  });

  it('may switch while it ends, and is ended when that is resumed', async () => {
    const log: string[] = [];
    const helper = new Greenlet(() => {
      for (;;) log.push(main.switch());
    });
    helper.switch();
    (() => {
      new Greenlet(() => {
        try {
          main.switch();
        } finally {
          new Greenlet(() => log.push('a greenlet of its own')).switch();
          log.push('finally');
        }
      }).switch();
    })();
    await collectGarbageUntil(() => log.length >= 2);
    expect(log).toEqual(['a greenlet of its own', 'finally']);
    helper.kill();
  });

  it('may catch GreenletExit and park again: then it is collected again', async () => {
    let times = 0;
    (() => {
      new Greenlet(() => {
        for (;;) {
          try {
            main.switch();
          } catch {
            if (++times === 3) throw new GreenletExit();
          }
        }
      }).switch();
    })();
    await collectGarbageUntil(() => times === 3);
    expect(times).toBe(3);
    await collectAllGarbage();
    expect(times).toBe(3);
  });

  it('may reach somebody again while it ends, who resumes it then', async () => {
    const saved: Greenlet[] = [];
    let ended = false;
    (() => {
      new Greenlet(() => {
        try {
          main.switch();
        } catch {
          saved.push(getCurrent());
          main.switch();
          ended = true;
        }
      }).switch();
    })();
    await collectGarbageUntil(() => saved.length > 0);
    await collectAllGarbage();
    expect(ended).toBe(false);
    expect(saved[0]?.active).toBe(true);
    saved[0]?.switch();
    expect(ended).toBe(true);
    expect(saved[0]?.dead).toBe(true);
  });

  it('reports an error of its finally blocks as an uncaught one of the process', async () => {
    const { code, stdout, stderr } = await runFixture('core/collection_error', [], ['--expose-gc']);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'uncaught: while it ends\nstill switches\n',
      stderr: '',
    });
  });
});

describe('a parked greenlet that is still referenced', () => {
  it('by a variable stays, and goes on as if nothing had been', async () => {
    const notes: Notes = {};
    const greenlet = new Greenlet(() => {
      parkAndNote(notes);
      return 'returned';
    });
    greenlet.switch();
    await collectAllGarbage();
    expect(notes).toEqual({});
    expect(greenlet.switch()).toBe('returned');
  });

  it('by a closure, a Map or a child stays', async () => {
    const all: Notes[] = [{}, {}, {}];
    const keep: unknown[] = [
      (greenlet: Greenlet) => () => greenlet,
      (greenlet: Greenlet) => new Map([[{}, greenlet]]),
      (greenlet: Greenlet) => new Greenlet(() => {}, greenlet),
    ].map((hold, i) => hold(newParked(all[i] ?? {})));
    await collectAllGarbage();
    expect(all).toEqual([{}, {}, {}]);
    keep.length = 0;
    await collectGarbageUntil(() => all.every((notes) => notes.finally));
    expect(all.every((notes) => notes.finally)).toBe(true);
  });

  it('from its own stack cannot be collected: it stays parked, which stats() shows, until somebody kills it', async () => {
    const notes: Notes = {};
    const before = stats().parked;
    const weak = ((): WeakRef<Greenlet> => {
      const greenlet: Greenlet = new Greenlet(() => {
        const mine = greenlet;
        parkAndNote(notes);
        return mine;
      });
      greenlet.switch();
      return new WeakRef(greenlet);
    })();
    await collectAllGarbage();
    expect(stats().parked).toBe(before + 1);
    expect(notes).toEqual({});
    weak.deref()?.kill();
    expect(notes.finally).toBe(true);
    expect(stats().parked).toBe(before);
  });
});

describe('greenlets that are not parked', () => {
  it('are collected without further ado', async () => {
    let ran = false;
    const before = stats().collected;
    const [unstarted, dead] = (() => {
      const one = new Greenlet(() => {
        ran = true;
      });
      const other = new Greenlet(() => {});
      other.switch();
      return [new WeakRef(one), new WeakRef(other)];
    })();
    await collectGarbageUntil(() => unstarted.deref() === undefined && dead.deref() === undefined);
    expect([unstarted.deref(), dead.deref()]).toEqual([undefined, undefined]);
    expect(ran).toBe(false);
    expect(stats().collected).toBe(before);
  });

  it('let go of what they ran with, once they are dead', async () => {
    const [greenlet, held] = ((): [Greenlet, WeakRef<object>[]] => {
      const [inRun, argument] = [{ name: 'in run' }, { name: 'argument' }];
      const made = new Greenlet((_: object) => {
        main.switch(inRun);
      });
      made.switch(argument);
      made.switch();
      return [made, [new WeakRef(inRun), new WeakRef(argument)]];
    })();
    await collectGarbageUntil(() => held.every((reference) => reference.deref() === undefined));
    expect(held.map((reference) => reference.deref())).toEqual([undefined, undefined]);
    expect(greenlet.dead).toBe(true);
  });

  it('let go of a value, once it is delivered', async () => {
    const greenlet = new Greenlet(() => {
      for (;;) main.switch();
    });
    greenlet.switch();
    const held = (() => {
      const value = { name: 'delivered' };
      greenlet.switch(value);
      return new WeakRef(value);
    })();
    greenlet.switch();
    await collectGarbageUntil(() => held.deref() === undefined);
    expect(held.deref()).toBeUndefined();
    greenlet.kill();
  });
});
