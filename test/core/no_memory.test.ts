// What comes of the system having no memory for another stack: an error in whoever wanted it, and nothing lost.
import { describe, expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

describe('a greenlet that the system has no memory for', () => {
  it('stays unstarted, with a typed error in the caller; parked ones go on, and ends make room for new ones', async () => {
    const { code, signal, stdout, stderr } = await runFixture('core/no_memory');
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      some: true,
      first: { type: 'GreenletError', code: 'ERR_GREENLET_NO_MEMORY', started: false, current: 'main' },
      again: { type: 'GreenletError', code: 'ERR_GREENLET_NO_MEMORY', started: false, current: 'main' },
      byThrow: { type: 'GreenletError', code: 'ERR_GREENLET_NO_MEMORY', started: false, current: 'main' },
      inGreenlet: { type: 'GreenletError', code: 'ERR_GREENLET_NO_MEMORY', started: false, current: 'a parked one' },
      asParent: { type: 'GreenletError', code: 'ERR_GREENLET_NO_MEMORY', started: false, current: 'main' },
      sameContext: true,
      wentOn: true,
      afterKill: 'a new one ran',
      laterStart: 'the refused one ran',
      allOver: true,
      parked: 0,
    });
  });
});
