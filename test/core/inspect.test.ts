// What people see of a greenlet: util.inspect, hence console.log. Not for what programs ask: state.test.ts.
import { inspect } from 'node:util';
import { Greenlet, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';

const main = getCurrent();

function waitHere(): unknown {
  return main.switch();
}

describe('util.inspect() of a greenlet', () => {
  it('shows name, state and the name of the parent', () => {
    const greenlet: Greenlet = new Greenlet(
      () => {
        const current = inspect(greenlet);
        main.switch();
        return current;
      },
      { name: 'child' },
    );
    expect(inspect(greenlet)).toBe("<Greenlet 'child' unstarted (parent 'main')>");
    greenlet.switch();
    expect(inspect(greenlet)).toMatch(/^<Greenlet 'child' parked in .* \(parent 'main'\)>$/);
    expect(greenlet.switch()).toBe("<Greenlet 'child' current (parent 'main')>");
    expect(inspect(greenlet)).toBe("<Greenlet 'child' dead (parent 'main')>");
  });

  it('shows the function that it is parked in, not those of this library', () => {
    const greenlet = new Greenlet(() => [1].map(waitHere), { name: 'child' });
    greenlet.switch();
    expect(inspect(greenlet)).toBe("<Greenlet 'child' parked in waitHere (parent 'main')>");
  });

  it('shows methods and constructors with their class', () => {
    class Reader {
      static start(): unknown {
        return waitHere.call(null) ?? new Reader();
      }
      constructor() {
        main.switch();
      }
      read(): void {
        main.switch();
      }
    }
    const reading = new Greenlet(() => Reader.prototype.read.call({}), { name: 'reading' });
    reading.switch();
    expect(inspect(reading)).toMatch(/parked in (\w+\.)?read /);
    const making = new Greenlet(() => new Reader(), { name: 'making' });
    making.switch();
    expect(inspect(making)).toContain('parked in new Reader ');
  });

  it('shows where a nameless function is', () => {
    const greenlet = new Greenlet(() => main.switch());
    greenlet.switch();
    expect(inspect(greenlet)).toMatch(/parked in .*inspect\.test\.ts:\d+:\d+ /);
  });

  it('shows the main greenlet without a parent', () => {
    expect(inspect(main)).toBe("<Greenlet 'main' current>");
    expect(new Greenlet(() => inspect(main)).switch()).toMatch(/^<Greenlet 'main' parked in .*>$/);
  });

  it('shows the name of a subclass, and of the parent as it is now', () => {
    class Special extends Greenlet {}
    const greenlet = new Special(undefined, { name: 'child' });
    greenlet.parent = new Greenlet(undefined, { name: 'heir' });
    expect(inspect(greenlet)).toBe("<Special 'child' unstarted (parent 'heir')>");
  });

  it('is one line inside of other objects, without what they own', () => {
    const greenlet = Object.assign(new Greenlet(undefined, { name: 'child' }), { secret: 1 });
    expect(inspect({ list: [greenlet] })).toBe("{ list: [ <Greenlet 'child' unstarted (parent 'main')> ] }");
    expect(inspect(greenlet, { colors: true })).toContain('\u001b[');
  });

  it('runs none of its code and leaves it parked', () => {
    let steps = 0;
    const greenlet = new Greenlet(() => {
      for (;;) {
        steps++;
        main.switch();
      }
    });
    greenlet.switch();
    inspect(greenlet);
    expect([steps, greenlet.active, getCurrent()]).toEqual([1, true, main]);
    greenlet.kill();
  });
});
