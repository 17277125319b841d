// green(): promise-based objects whose methods block.
import fs from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import { green, run, sleep, spawn } from 'greenlets';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

class Client {
  readonly #secret = 'secret';
  label = 'client';
  static readonly instances = 0;

  async query(text: string): Promise<string> {
    await later(1);
    return `${this.#secret}: ${text}`;
  }
  async fail(): Promise<never> {
    throw failure;
  }
  plain(n: number): number {
    return n + this.#secret.length;
  }
  chained(): this {
    return this;
  }
  get upper(): string {
    return this.#secret.toUpperCase();
  }
  async *rows(): AsyncGenerator<number> {
    try {
      yield 1;
      await later(1);
      yield 2;
    } finally {
      this.label = 'closed';
    }
  }
  async connect(): Promise<Client> {
    return this;
  }
}
const failure = new Error('of the client');

describe('green()', () => {
  it(
    'lets methods block and return values, on the object itself',
    inHub(() => {
      const client = green(new Client());
      expect(client.query('text')).toBe('secret: text');
      expect(client.plain(1)).toBe(7);
      expect(thrownBy(() => client.fail())).toBe(failure);
      expect(client.upper).toBe('SECRET');
    }),
  );

  it(
    'lets others run meanwhile',
    inHub(() => {
      const log: string[] = [];
      const client = green(new Client());
      const other = spawn(() => log.push('other'));
      log.push(client.query('text'));
      expect(log).toEqual(['other', 'secret: text']);
      other.join();
    }),
  );

  it(
    'shows the object in everything else',
    inHub(() => {
      const original = new Client();
      const client = green(original);
      expect(client).toBeInstanceOf(Client);
      expect(client.label).toBe('client');
      client.label = 'changed';
      expect(original.label).toBe('changed');
      expect(Object.keys(client)).toEqual(['label']);
      expect('query' in client).toBe(true);
      expect(client.constructor).toBe(Client);
      expect(client.query).toBe(client.query);
      original.query = async () => 'replaced';
      expect(client.query('text')).toBe('replaced');
      Reflect.deleteProperty(client, 'label');
      expect(Object.keys(original)).toEqual(['query']);
    }),
  );

  it(
    'is what a method returns that returns its object',
    inHub(() => {
      const client = green(new Client());
      expect(client.chained()).toBe(client);
      expect(client.chained().query('text')).toBe('secret: text');
      // Behind a promise it is the object itself, like anything else.
      expect(green(client.connect()).query('text')).toBe('secret: text');
    }),
  );

  it(
    'shows a frozen object, too',
    inHub(() => {
      const frozen = green(Object.freeze({ read: async () => 'value' }));
      expect(frozen.read()).toBe('value');
    }),
  );

  it(
    'makes iterators of async iterators, ended early as well',
    inHub(() => {
      const client = green(new Client());
      expect([...client.rows()]).toEqual([1, 2]);
      for (const row of client.rows()) if (row === 1) break;
      expect(client.label).toBe('closed');
      const stream = new PassThrough();
      stream.end('chunk');
      expect([...green(stream as AsyncIterable<Buffer>)].map(String)).toEqual(['chunk']);
    }),
  );

  it(
    'works for modules, functions and classes',
    inHub(() => {
      expect(green(fs).readFile(import.meta.filename, 'utf8')).toContain('works for modules');
      const { stat } = green(fs);
      expect(stat(import.meta.dirname).isDirectory()).toBe(true);
      expect(thrownBy(() => green(fs).readFile('/no/such/file'))).toMatchObject({ code: 'ENOENT' });
      expect(green(later)(1, 'value')).toBe('value');
      const GreenClient = green(Client);
      expect(GreenClient.instances).toBe(0);
      expect(new GreenClient()).toBeInstanceOf(Client);
    }),
  );

  it(
    'waits for whatever has a then()',
    inHub(() => {
      const builder = { run: () => ({ then: (resolve: (value: string) => void) => resolve('rows') }) };
      expect(green(builder).run()).toBe('rows');
    }),
  );

  it('can be made anywhere; a call that waits belongs into a task', async () => {
    const client = green(new Client());
    expect(client.plain(0)).toBe(6);
    expect(() => client.query('text')).toThrow(expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' }));
    expect(await run(() => client.query('text'))).toBe('secret: text');
    await run(() => sleep());
  });

  it.each([undefined, null, 5, 'text'])('refuses %o', (value) => {
    expect(() => green(value as never)).toThrow(invalid);
  });
});
