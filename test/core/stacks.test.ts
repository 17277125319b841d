// The stacks themselves: how deep they are, what comes of filling one, sizes of one's own, and many at once.
import { Greenlet, getCurrent, stats, trim } from 'greenlets/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { collectGarbage } from '../helpers/collect_garbage.js';
import { runFixture } from '../helpers/run_fixture.js';
import { small } from '../helpers/sizes.js';
import { expectStillSwitching } from '../helpers/still_switching.js';

const main = getCurrent();
const kibibyte = 1024;

/** How many calls fit into the rest of the current stack. */
function depthLeft(): number {
  try {
    return 1 + depthLeft();
  } catch {
    return 1;
  }
}

/** Calls `action` when about `fraction` of what `depth` calls take is used. */
function deepDown(depth: number, fraction: number, action: () => void): void {
  const descend = (levels: number): number => {
    if (levels > 0) return 1 + descend(levels - 1);
    action();
    return 1;
  };
  descend(Math.floor(depth * fraction));
}

function endlessRecursion(): number {
  return 1 + endlessRecursion();
}

describe('a full stack', () => {
  it.each([undefined, 64, 100, 256, 1024, 8192])('is a RangeError in a greenlet of %s KiB, again and again', (size) => {
    const options = size === undefined ? {} : { stackSize: size * kibibyte };
    const greenlet = new Greenlet(() => {
      for (;;) {
        let error: unknown;
        try {
          endlessRecursion();
        } catch (caught) {
          error = caught;
        }
        main.switch(error);
      }
    }, options);
    for (let i = 0; i < 3; i++) {
      const error: unknown = greenlet.switch();
      expect(error).toBeInstanceOf(RangeError);
      expect(() => endlessRecursion()).toThrow(RangeError);
    }
    greenlet.kill();
    expectStillSwitching();
  });

  it('is a RangeError that goes to the parent when nobody catches it', () => {
    const greenlet = new Greenlet(endlessRecursion);
    expect(() => greenlet.switch()).toThrow(RangeError);
    expect(greenlet.dead).toBe(true);
    expectStillSwitching();
  });

  it('in one greenlet is not felt by those that are parked', () => {
    const parked = [1, 2, 3].map((n) => new Greenlet(() => [n, main.switch(), n]));
    for (const greenlet of parked) greenlet.switch();
    for (let i = 0; i < 3; i++) expect(() => new Greenlet(endlessRecursion).switch()).toThrow(RangeError);
    collectGarbage();
    expect(parked.map((greenlet) => greenlet.switch('value'))).toEqual([1, 2, 3].map((n) => [n, 'value', n]));
  });

  it.each(['65536', '131072', '1048576', ...(small ? [] : ['8388608']), 'usual'])(
    'inside native functions and the compiler is an error too, and never a crash: %s bytes',
    async (size) => {
      const { code, signal, stdout, stderr } = await runFixture('core/overflow', [size], ['--expose-gc']);
      expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
      expect(JSON.parse(stdout)).toEqual({ survived: 1, stillSwitches: true });
    },
  );

  it('at the very call that switches leaves all greenlets as they were', async () => {
    const { code, signal, stdout, stderr } = await runFixture('core/overflow_at_switch', [], ['--expose-gc']);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ wrong: [] });
  });

  // When a call that fails for want of stack is taken for one that was terminated: main ends without a word, with code 0 or 1, or the
  // process hangs. On Node 20, 24 and 26, in every run the sure way.
  it('at the very call that switches does not keep interrupts from being handled', async () => {
    const { code, signal, stdout, stderr } = await runFixture(
      'core/overflow_at_switch',
      ['interrupted'],
      ['--expose-gc'],
    );
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ wrong: [] });
  });
});

describe('the size of a stack', () => {
  // The compilers change what a call takes while it gets hot, and work beside it: until it takes the same for long.
  beforeAll(() => {
    let depth = 0;
    for (let same = 0, rounds = 0; same < 200 && rounds < 10_000; rounds++) {
      const last = depth;
      depth = depthLeft();
      same = depth === last ? same + 1 : 0;
    }
  });

  it("is by default the thread's own: recursion is about as deep as on the main stack", () => {
    const ofMain = depthLeft();
    const ofGreenlet: number = new Greenlet(depthLeft).switch();
    expect(ofGreenlet).toBeGreaterThan(0.8 * ofMain);
    expect(ofGreenlet).toBeLessThan(1.25 * ofMain);
  });

  it('can be larger and smaller, and then holds more and fewer calls', () => {
    const [small, usual, large]: number[] = [100 * kibibyte, undefined, 8192 * kibibyte].map((stackSize) =>
      new Greenlet(depthLeft, { stackSize }).switch(),
    );
    expect(small).toBeLessThan(0.25 * (usual ?? 0));
    expect(large).toBeGreaterThan(4 * (usual ?? 0));
  });

  it('may differ from greenlet to greenlet: each has its own limit after every switch', () => {
    const ofMain = depthLeft();
    const sizes = [64, 8192, 256, undefined, 2048];
    const greenlets = sizes.map(
      (size) =>
        new Greenlet(
          () => {
            for (;;) main.switch(depthLeft());
          },
          { stackSize: size && size * kibibyte },
        ),
    );
    const first: number[] = greenlets.map((greenlet) => greenlet.switch());
    expect([...first].sort((a, b) => a - b)).toEqual([0, 2, 3, 4, 1].map((i) => first[i]));
    for (let round = 0; round < 3; round++) {
      for (const [i, greenlet] of greenlets.entries()) {
        const depth: number = greenlet.switch();
        expect(depth).toBeGreaterThan(0.8 * (first[i] ?? 0));
        expect(depth).toBeLessThan(1.25 * (first[i] ?? 0));
        expect(depthLeft()).toBeGreaterThan(0.8 * ofMain);
      }
    }
    for (const greenlet of greenlets) greenlet.kill();
  });

  it('may differ while garbage is collected deep down in any of them', () => {
    const sizes = [64, 8192, undefined];
    const log: string[] = [];
    const greenlets = sizes.map(
      (size) =>
        new Greenlet(
          () => {
            const depth = depthLeft();
            for (const fraction of [0.1, 0.5]) {
              deepDown(depth, fraction, () => {
                collectGarbage();
                main.switch();
                collectGarbage();
              });
              log.push(`${size} ${fraction}`);
            }
          },
          { stackSize: size && size * kibibyte },
        ),
    );
    const depth = depthLeft();
    while (greenlets.some(({ dead }) => !dead)) {
      for (const greenlet of greenlets) if (!greenlet.dead) greenlet.switch();
      for (const fraction of [0.1, 0.5]) deepDown(depth, fraction, collectGarbage);
    }
    expect(log.sort()).toEqual(sizes.flatMap((size) => [`${size} 0.1`, `${size} 0.5`]).sort());
  });
});

describe('three thousand greenlets', () => {
  const count = 3_000;

  it('are parked at once, and each goes on as itself', () => {
    const before = stats().parked;
    const greenlets = Array.from(
      { length: count },
      (_, i) =>
        new Greenlet(() => {
          let sum = i;
          for (let round = 0; round < 3; round++) sum += main.switch(sum);
          return sum;
        }),
    );
    for (const greenlet of greenlets) greenlet.switch();
    expect(stats().parked).toBe(before + count);
    collectGarbage();
    for (let round = 0; round < 2; round++) for (const greenlet of greenlets) greenlet.switch(1);
    expect(greenlets.map((greenlet) => greenlet.switch(1))).toEqual(greenlets.map((_, i) => i + 3));
    expect(greenlets.every(({ dead }) => dead)).toBe(true);
    expect(stats().parked).toBe(before);
  });

  it('give their memory back when they are dead', () => {
    trim();
    const before = stats();
    const greenlets = Array.from({ length: count }, () => new Greenlet(() => main.switch()));
    for (const greenlet of greenlets) greenlet.switch();
    expect(stats().stacksInUse).toBe(before.stacksInUse + count);
    for (const greenlet of greenlets) greenlet.kill();
    trim();
    expect(stats()).toMatchObject({ parked: before.parked, pooled: 0, stacksInUse: before.stacksInUse });
    expect(stats().reservedBytes).toBeLessThanOrEqual(before.reservedBytes);
  });

  it('that come again and again, five hundred at once, take the same stacks', () => {
    const comeAndGo = () => {
      const greenlets = Array.from({ length: 500 }, () => new Greenlet(() => main.switch()));
      for (const greenlet of greenlets) greenlet.switch();
      for (const greenlet of greenlets) greenlet.switch();
    };
    comeAndGo();
    const { created } = stats();
    for (let i = 0; i < 5; i++) comeAndGo();
    // A tenth of them is not kept each time.
    expect(stats().created - created).toBeLessThan(400);
  });

  // Those of a size of their own do not come from what was left, nor go there: what was left has to become less all the same.
  it.each([undefined, 128 * 1024])(
    'leave a part of their stacks for the next ones (of %s bytes), however many they were',
    (stackSize) => {
      for (const many of [count, 3 * count]) {
        const greenlets = Array.from({ length: many }, () => new Greenlet(() => main.switch()));
        for (const greenlet of greenlets) greenlet.switch();
        for (const greenlet of greenlets) greenlet.switch();
        expect(stats().pooled).toBeLessThan(1_600);
      }
      expect(stats().pooled).toBeGreaterThan(64);
      for (let i = 0; i < 20_000; i++) new Greenlet(() => i, { stackSize }).switch();
      expect(stats().pooled).toBeLessThanOrEqual(64);
    },
  );

  it('one after the other take one stack in turns', () => {
    new Greenlet(() => {}).switch();
    const { created } = stats();
    for (let i = 0; i < count; i++) new Greenlet(() => i).switch();
    expect(stats().created).toBe(created);
  });
});
