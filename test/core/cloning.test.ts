// What keeps a greenlet in its thread: cloning and posting it is refused. Not here: what else a new greenlet is (construction).
import { MessageChannel, Worker } from 'node:worker_threads';
import { Greenlet, getCurrent } from 'greenlets/core';
import { describe, expect, it } from 'vitest';
import { thrownBy } from '../helpers/thrown_by.js';

const main = getCurrent();

describe('a greenlet belongs to its thread', () => {
  class Special extends Greenlet {}
  const cannotBeCloned = { name: 'DataCloneError' };

  it.each<[string, () => unknown]>([
    ['the main greenlet', () => main],
    ['an unstarted one', () => new Greenlet(() => {})],
    ['one of a subclass', () => new Special()],
    ['one with own properties', () => Object.assign(new Greenlet(), { local: 1 })],
    ['one inside of something else', () => ({ list: [new Map([['greenlet', new Greenlet()]])] })],
  ])('structuredClone() and postMessage() refuse %s', (_, make) => {
    expect(thrownBy(() => structuredClone(make()))).toMatchObject(cannotBeCloned);
    const { port1, port2 } = new MessageChannel();
    expect(thrownBy(() => port1.postMessage(make()))).toMatchObject(cannotBeCloned);
    port1.close();
    port2.close();
  });

  it('a Worker does not take one as its data', () => {
    expect(thrownBy(() => new Worker('', { eval: true, workerData: main }))).toMatchObject(cannotBeCloned);
  });
});
