// Where something is in bytes that came in pieces.
import { expect, it } from 'vitest';
import { ByteQueue } from '../../dist/esm/green/streams/byte_queue.js';

it('finds what begins in one piece and ends in another', () => {
  const filler = 'x'.repeat(5000);
  for (const pieces of [
    [`${filler}ab`, `cd${filler}`],
    [`${filler}a`, '', `bc${filler}`],
    [`${filler}abc`, 'd'],
    ['abcd', filler],
  ]) {
    const queue = new ByteQueue();
    for (const piece of pieces) queue.push(Buffer.from(piece));
    const bytes = Buffer.from(pieces.join(''));
    expect(queue.length).toBe(bytes.length);
    expect(queue.indexOf(Buffer.from('abcd'), 0)).toBe(bytes.indexOf('abcd'));
    expect(queue.indexOf(Buffer.from('abcd'), 5001)).toBe(bytes.indexOf('abcd', 5001));
  }
});
