// The table of states: what started, active, dead and stack say in each. Not for how util.inspect shows them: inspect.test.ts.
import { Greenlet, getCurrent } from 'greenlets/core';
import { afterEach, describe, expect, it } from 'vitest';

const main = getCurrent();

function stateOf({ started, active, dead, stack }: Greenlet) {
  return { started, active, dead, stack };
}

const unstarted = { started: false, active: false, dead: false, stack: null };
const current = { started: true, active: true, dead: false, stack: null };
const parked = { started: true, active: true, dead: false, stack: expect.any(String) };
const dead = { started: true, active: false, dead: true, stack: null };

describe('the state of a greenlet', () => {
  it('goes from unstarted over current and parked to dead', () => {
    const seen: unknown[] = [];
    const greenlet: Greenlet = new Greenlet(() => {
      seen.push(stateOf(greenlet));
      main.switch();
      seen.push(stateOf(greenlet));
    });
    seen.push(stateOf(greenlet));
    greenlet.switch();
    seen.push(stateOf(greenlet));
    greenlet.switch();
    seen.push(stateOf(greenlet));
    expect(seen).toEqual([unstarted, current, parked, current, dead]);
  });

  it.each<[string, (greenlet: Greenlet) => void]>([
    ['an uncaught error', (greenlet) => greenlet.throw(new Error('uncaught'))],
    ['GreenletExit', (greenlet) => greenlet.throw()],
    ['kill()', (greenlet) => greenlet.kill()],
  ])('is dead after %s, whether it had started or not', (_, end) => {
    const started = new Greenlet(() => main.switch());
    started.switch();
    for (const greenlet of [started, new Greenlet(() => {})]) {
      try {
        end(greenlet);
      } catch {
        // Its state is what is looked at.
      }
      expect(stateOf(greenlet)).toEqual(dead);
    }
  });

  it('is parked for the main greenlet while another one runs', () => {
    expect(stateOf(main)).toEqual(current);
    expect(new Greenlet(() => stateOf(main)).switch()).toEqual(parked);
    expect(stateOf(main)).toEqual(current);
  });

  it('is parked for a greenlet that waits for its child', () => {
    const outer: Greenlet = new Greenlet(() => new Greenlet(() => stateOf(outer)).switch());
    expect(outer.switch()).toEqual(parked);
  });

  it('is dead before the parent goes on', () => {
    const parent: Greenlet = new Greenlet(() => {
      const child = new Greenlet(() => 'over');
      child.switch();
      return stateOf(child);
    });
    expect(parent.switch()).toEqual(dead);
  });

  it('cannot be written', () => {
    for (const name of ['started', 'active', 'dead', 'stack']) {
      expect(() => Reflect.set(main, name, true)).not.toThrow();
      expect(Reflect.set(main, name, true)).toBe(false);
    }
  });
});

describe('the stack of a parked greenlet', () => {
  afterEach(() => {
    Error.stackTraceLimit = 10;
  });

  function innermost(): unknown {
    return main.switch();
  }
  function middle(): unknown {
    return [1].map(innermost)[0];
  }
  function outermost(): unknown {
    return middle();
  }
  function parkedGreenlet(): Greenlet {
    const greenlet = new Greenlet(outermost);
    greenlet.switch();
    return greenlet;
  }
  function namesOn(stack: string | null): string[] {
    return stack?.match(/\b(innermost|middle|outermost|deeper|Array\.map|map)\b/g) ?? [];
  }

  it('names its functions, innermost first, with their places', () => {
    const { stack } = parkedGreenlet();
    expect(namesOn(stack).filter((name) => !name.endsWith('map'))).toEqual(['innermost', 'middle', 'outermost']);
    expect(stack).toMatch(/^ {4}at .*middle \(.*state\.test\.ts:\d+:\d+\)$/m);
  });

  it('begins with a frame, as Error.stack does without its first line', () => {
    expect(parkedGreenlet().stack?.split('\n')).toSatisfy((lines: string[]) =>
      lines.every((line) => /^ {4}at \S/.test(line)),
    );
  });

  it('holds none of the frames of whoever started it', () => {
    function whoStartsIt(): Greenlet {
      return parkedGreenlet();
    }
    expect(whoStartsIt().stack).not.toContain('whoStartsIt');
  });

  it('is as deep as the call was, where Error.stack stops after ten frames', () => {
    function deeper(levels: number): unknown {
      return levels === 0 ? main.switch() : deeper(levels - 1);
    }
    const greenlet = new Greenlet(deeper);
    greenlet.switch(50);
    expect(namesOn(greenlet.stack).length).toBe(51);
  });

  it('is read with none of its code, nor any hook, being run', () => {
    const before = Error.prepareStackTrace;
    let calls = 0;
    let steps = 0;
    const greenlet = new Greenlet(() => {
      for (;;) {
        steps++;
        main.switch();
      }
    });
    greenlet.switch();
    Error.prepareStackTrace = () => {
      calls++;
      return 'prepared';
    };
    Error.stackTraceLimit = 0;
    try {
      const stacks = [greenlet.stack, greenlet.stack];
      expect(stacks[0]).toContain('state.test.ts');
      expect(stacks[1]).toBe(stacks[0]);
    } finally {
      Error.prepareStackTrace = before as never;
    }
    expect(calls).toBe(0);
    expect(steps).toBe(1);
    greenlet.switch();
    expect(steps).toBe(2);
    expect(getCurrent()).toBe(main);
  });

  it('can be read by any greenlet, also that of main', () => {
    function mainWaitsHere(): unknown {
      return new Greenlet(() => [main.stack, other.stack]).switch();
    }
    const other = parkedGreenlet();
    const [ofMain, ofOther] = mainWaitsHere() as string[];
    expect(ofMain).toContain('mainWaitsHere');
    expect(ofMain).not.toContain('innermost');
    expect(namesOn(ofOther ?? null)).toContain('innermost');
  });

  it('shows where it is now, not where it was first', () => {
    function firstPlace(): void {
      main.switch();
    }
    function secondPlace(): void {
      main.switch();
    }
    const greenlet = new Greenlet(() => {
      firstPlace();
      secondPlace();
    });
    greenlet.switch();
    expect(greenlet.stack).toContain('firstPlace');
    greenlet.switch();
    expect(greenlet.stack).toContain('secondPlace');
    expect(greenlet.stack).not.toContain('firstPlace');
  });
});
