// The queue of those who are ready: an entry that is put back in front, also where the ring is full.
import { expect, it } from 'vitest';
import { Ring } from '../../dist/esm/hub/ring.js';

it('keeps the order at every length, whichever end an entry comes to', () => {
  for (let length = 0; length <= 40; length++) {
    const ring = new Ring<number>();
    for (let n = 0; n < length; n++) ring.push(n);
    ring.unshift(-1);
    ring.push(length);
    const expected = Array.from({ length: length + 2 }, (_, i) => i - 1);
    expect(ring.toArray()).toEqual(expected);
    expect(expected.map(() => ring.shift())).toEqual(expected);
  }
});
