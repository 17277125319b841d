// The trace function: which events there are, where it is called, and what it may do.
import { Greenlet, GreenletExit, getCurrent, getTrace, setTrace, type TraceFunction } from 'greenlets/core';
import { afterEach, describe, expect, it } from 'vitest';
import { expectStillSwitching } from '../helpers/still_switching.js';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

afterEach(() => {
  setTrace(null);
});

/** The events of `action`, as 'switch main>child'. */
function eventsOf(action: () => void): string[] {
  const events: string[] = [];
  setTrace((event, origin, target) => events.push(`${event} ${origin.name}>${target.name}`));
  try {
    action();
  } finally {
    setTrace(null);
  }
  return events;
}

describe('setTrace()', () => {
  it('returns the previous function or null, and getTrace() the current one', () => {
    const [first, second]: TraceFunction[] = [() => {}, () => {}];
    expect(getTrace()).toBeNull();
    expect(setTrace(first ?? null)).toBeNull();
    expect(getTrace()).toBe(first);
    expect(setTrace(second ?? null)).toBe(first);
    expect(setTrace(null)).toBe(second);
    expect(getTrace()).toBeNull();
  });

  it.each([5, 'trace', {}, true])('refuses %o and leaves everything as it was', (value) => {
    const callback = () => {};
    setTrace(callback);
    const error = thrownBy(() => setTrace(value as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_GREENLET_INVALID_ARG' });
    expect(getTrace()).toBe(callback);
  });

  it('traces nothing any more after setTrace(null)', () => {
    let calls = 0;
    setTrace(() => {
      calls++;
    });
    setTrace(null);
    new Greenlet(() => {}).switch();
    expect(calls).toBe(0);
  });
});

describe('a trace function', () => {
  it('gets one event a transfer: start, resume, and death to the parent', () => {
    const child = new Greenlet(() => main.switch(), { name: 'child' });
    expect(
      eventsOf(() => {
        child.switch();
        child.switch();
      }),
    ).toEqual(['switch main>child', 'switch child>main', 'switch main>child', 'switch child>main']);
  });

  it('gets one event for a switch to oneself', () => {
    expect(eventsOf(() => main.switch())).toEqual(['switch main>main']);
    expect(eventsOf(() => thrownBy(() => main.throw(new Error('here'))))).toEqual(['throw main>main']);
  });

  it("gets 'throw' for an error, thrown or died of", () => {
    const catches = new Greenlet(
      () => {
        thrownBy(() => main.switch());
      },
      { name: 'catches' },
    );
    const dies = new Greenlet(
      () => {
        throw new Error('uncaught');
      },
      { name: 'dies' },
    );
    catches.switch();
    expect(eventsOf(() => catches.throw(new Error('thrown in')))).toEqual([
      'throw main>catches',
      'switch catches>main',
    ]);
    expect(eventsOf(() => thrownBy(() => dies.switch()))).toEqual(['switch main>dies', 'throw dies>main']);
  });

  it("gets 'throw' when GreenletExit is thrown in, and 'switch' when it arrives as a value", () => {
    const child = new Greenlet(() => main.switch(), { name: 'child' });
    child.switch();
    expect(eventsOf(() => child.throw())).toEqual(['throw main>child', 'switch child>main']);
    expect(eventsOf(() => child.throw(new GreenletExit()))).toEqual(['switch main>main']);
  });

  it('gets the live ancestor as target of a switch to a dead greenlet', () => {
    const parent = new Greenlet(() => main.switch(), { name: 'parent' });
    parent.switch();
    const dead = new Greenlet(() => {}, { name: 'dead', parent });
    dead.kill();
    expect(eventsOf(() => dead.switch())).toEqual(['switch main>parent', 'switch parent>main']);
  });

  it('gets each greenlet that an error passes', () => {
    const parent = new Greenlet(() => {}, { name: 'parent' });
    const child = new Greenlet(() => {}, { name: 'child', parent });
    expect(eventsOf(() => thrownBy(() => child.throw(new Error('passes'))))).toEqual([
      'throw main>child',
      'throw child>parent',
      'throw parent>main',
    ]);
  });

  it('runs in the target, after the switch and before the value is delivered', () => {
    const log: unknown[] = [];
    const child = new Greenlet(
      () => {
        log.push('child runs');
        log.push(['child gets', main.switch()]);
      },
      { name: 'child' },
    );
    setTrace((event, _origin, target) => log.push([event, target.name, getCurrent() === target]));
    child.switch();
    log.push('main goes on');
    child.switch('value');
    setTrace(null);
    expect(log).toEqual([
      ['switch', 'child', true],
      'child runs',
      ['switch', 'main', true],
      'main goes on',
      ['switch', 'child', true],
      ['child gets', 'value'],
      ['switch', 'main', true],
    ]);
  });

  it('sees a dying greenlet dead', () => {
    const child = new Greenlet(() => {});
    const seen: boolean[] = [];
    setTrace((_event, origin) => seen.push(origin.dead));
    child.switch();
    setTrace(null);
    expect(seen).toEqual([false, true]);
  });

  it('gets no event for a switch that fails in the caller', () => {
    expect(eventsOf(() => thrownBy(() => new Greenlet().switch()))).toEqual([]);
  });

  it('may replace itself', () => {
    const log: string[] = [];
    setTrace(() => {
      log.push('first');
      setTrace(() => log.push('second'));
    });
    new Greenlet(() => {}).switch();
    setTrace(null);
    expect(log).toEqual(['first', 'second']);
  });
});

describe('a trace function that throws', () => {
  const failure = new Error('the trace function failed');
  /** Fails in the one transfer that goes to `target`. */
  function failIn(target: Greenlet): TraceFunction {
    return (_event, _origin, to) => {
      if (to === target) throw failure;
    };
  }

  it('turns tracing off and replaces the value that a parked greenlet would get', () => {
    const child = new Greenlet(() => [thrownBy(() => main.switch())]);
    child.switch();
    setTrace(failIn(child));
    expect(child.switch('value')).toEqual([failure]);
    expect(getTrace()).toBeNull();
  });

  it('replaces the error that would be raised', () => {
    const child = new Greenlet(() => [thrownBy(() => main.switch())]);
    child.switch();
    setTrace(failIn(child));
    expect(child.throw(new Error('replaced'))).toEqual([failure]);
  });

  it('kills a greenlet that would start, whose run is never called', () => {
    let ran = false;
    const child = new Greenlet(() => {
      ran = true;
    });
    setTrace(failIn(child));
    expect(thrownBy(() => child.switch())).toBe(failure);
    expect(ran).toBe(false);
    expect(child.dead).toBe(true);
  });

  it('replaces what a dying child delivers', () => {
    const child = new Greenlet(() => 'value');
    setTrace(failIn(main));
    expect(thrownBy(() => child.switch())).toBe(failure);
    expect(child.dead).toBe(true);
    expect(getTrace()).toBeNull();
  });

  it('raises from a switch to oneself', () => {
    setTrace(failIn(main));
    expect(thrownBy(() => main.switch('value'))).toBe(failure);
    expectStillSwitching();
  });
});
