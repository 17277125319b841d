// Every class of queues, as test/behaviours/queue.ts wants it. Not for what only one of them does: the files of their names.
import * as greenlets from 'greenlets';
import { Channel, LifoQueue, PriorityQueue, Queue, SimpleQueue } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { type AnyQueue, behavesAsQueue, type QueueKind } from '../behaviours/queue.js';

type BufferedClass = new (options?: { name?: string; maxsize?: number; items?: number[] }) => AnyQueue<number>;

function buffered(name: string, Class: BufferedClass): QueueKind {
  return {
    name,
    make: (own) => (own === undefined ? new Class() : new Class({ name: own })),
    makeFull: () => ({ queue: new Class({ maxsize: 2, items: [1, 2] }), inside: 2 }),
  };
}

const kinds: QueueKind[] = [
  buffered('SimpleQueue', SimpleQueue),
  buffered('Queue', Queue),
  buffered('LifoQueue', LifoQueue),
  buffered('PriorityQueue', PriorityQueue),
  {
    name: 'Channel',
    make: (name) => (name === undefined ? new Channel<number>() : new Channel<number>({ name })),
    makeFull: () => ({ queue: new Channel<number>(), inside: 0 }),
  },
];

it('are all here', () => {
  const classes = Object.entries(greenlets)
    .filter(([, value]) => typeof value === 'function' && typeof value.prototype?.put === 'function')
    .map(([name]) => name);
  expect(kinds.map(({ name }) => name).toSorted()).toEqual(classes.toSorted());
});

for (const kind of kinds) describe(kind.name, () => behavesAsQueue(kind));
