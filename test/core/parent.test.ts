// The parent as a property. Not for what it decides: switch.test.ts, throw.test.ts and death.test.ts.
import { Greenlet, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

function setParent(greenlet: Greenlet, parent: unknown): void {
  greenlet.parent = parent as Greenlet;
}

describe('parent', () => {
  it('can be set in every state', () => {
    const [first, second] = [new Greenlet(), new Greenlet()];
    const seen: unknown[] = [];
    const greenlet: Greenlet = new Greenlet(() => {
      greenlet.parent = first;
      seen.push(greenlet.parent);
      main.switch();
      greenlet.parent = main;
    });
    greenlet.parent = second;
    seen.push(greenlet.parent);
    greenlet.switch();
    greenlet.parent = second;
    seen.push(greenlet.parent);
    greenlet.switch();
    greenlet.parent = first;
    seen.push(greenlet.parent);
    expect(greenlet.dead).toBe(true);
    expect(seen).toEqual([second, first, second, first]);
  });

  it.each([null, undefined, 5, 'main', {}, [], () => main])('refuses %o', (value) => {
    const greenlet = new Greenlet();
    const error = thrownBy(() => setParent(greenlet, value));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ name: 'GreenletTypeError', code: 'ERR_GREENLET_INVALID_ARG' });
    expect(greenlet.parent).toBe(main);
  });

  it('refuses a cycle, itself included', () => {
    const grandparent = new Greenlet();
    const parent = new Greenlet(undefined, grandparent);
    const child = new Greenlet(undefined, parent);
    for (const descendant of [grandparent, parent, child]) {
      expect(thrownBy(() => setParent(grandparent, descendant))).toMatchObject({
        name: 'GreenletError',
        code: 'ERR_GREENLET_CYCLE',
      });
    }
    expect(grandparent.parent).toBe(main);
  });

  it('refuses a cycle through dead greenlets', () => {
    const parent = new Greenlet();
    const child = new Greenlet(undefined, parent);
    child.kill();
    expect(thrownBy(() => setParent(parent, child))).toMatchObject({ code: 'ERR_GREENLET_CYCLE' });
  });

  it('cannot be set on the main greenlet', () => {
    expect(thrownBy(() => setParent(main, new Greenlet()))).toMatchObject({
      name: 'GreenletError',
      code: 'ERR_GREENLET_MAIN_PARENT',
    });
    expect(main.parent).toBeNull();
  });

  it('stays when it is set to what it is', () => {
    const greenlet = new Greenlet();
    greenlet.parent = main;
    expect(greenlet.parent).toBe(main);
  });

  it('stays when the greenlet dies, and when the parent dies', () => {
    const parent = new Greenlet();
    const child = new Greenlet(undefined, parent);
    child.kill();
    parent.kill();
    expect(child.parent).toBe(parent);
  });

  it('counts from the next death on, also when it is set by another greenlet meanwhile', () => {
    const heir = new Greenlet(() => ['heir', main.switch()]);
    heir.switch();
    const child: Greenlet = new Greenlet(() => {
      new Greenlet(() => {
        child.parent = heir;
      }).switch();
      return 'value';
    });
    expect(child.switch()).toEqual(['heir', 'value']);
  });

  it('counts from the next look-up of a dead greenlet on', () => {
    const dead = new Greenlet();
    dead.kill();
    expect(dead.switch('to main')).toBe('to main');
    const heir = new Greenlet(() => ['heir', main.switch()]);
    heir.switch();
    dead.parent = heir;
    expect(dead.switch('value')).toEqual(['heir', 'value']);
  });

  it('does not change where a pending switch() of the greenlet is answered', () => {
    const greenlet: Greenlet = new Greenlet(() => main.switch('parked'));
    greenlet.switch();
    greenlet.parent = new Greenlet((value: string) => `parent started with ${value}`);
    expect(greenlet.switch('answer')).toBe('parent started with answer');
  });

  it('may be a chain of ten thousand', () => {
    let last: Greenlet = new Greenlet(() => 'ran');
    const first = last;
    for (let i = 0; i < 10_000; i++) last = new Greenlet(() => {}, last);
    expect(thrownBy(() => setParent(first, last))).toMatchObject({ code: 'ERR_GREENLET_CYCLE' });
    expect(first.switch()).toBe('ran');
  });
});
