// The chat server, with clients of the test's own: what each of them sees.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compiled, patience, runExample } from './run_example.js';

let server: ChildProcess;
let port = 0;
let clients: Client[] = [];

beforeEach(async () => {
  server = spawn(process.execPath, [compiled('chat_server'), '--listen', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
  port = Number(/^listening on 127\.0\.0\.1:(\d+)$/.exec(line)![1]);
}, patience);

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  clients = [];
  const ended = once(server, 'exit');
  server.kill();
  await ended;
});

class Client {
  readonly socket: Socket = connect(port, '127.0.0.1');
  readonly #lines = createInterface(this.socket)[Symbol.asyncIterator]();

  constructor() {
    clients.push(this);
  }

  say(line: string): void {
    this.socket.write(`${line}\n`);
  }

  /** null: the server has hung up. */
  async hear(): Promise<string | null> {
    const { done, value } = await this.#lines.next();
    return done ? null : value;
  }

  async enterAs(name: string): Promise<string | null> {
    await this.hear();
    this.say(name);
    return this.hear();
  }
}

describe('chat_server', { timeout: patience }, () => {
  it('runs by itself', async () => {
    const { status, stdout, stderr } = await runExample('chat_server');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('  bob hears  ada: hello\n  cyd hears  ada: hello\n');
  });

  it('tells each what the others say, in the same order', async () => {
    const [ada, bob, cyd] = [new Client(), new Client(), new Client()];
    expect(await ada.enterAs('ada')).toBe('* welcome, ada. Here are: ada');
    expect(await bob.enterAs('bob')).toBe('* welcome, bob. Here are: ada, bob');
    expect(await cyd.enterAs('cyd')).toBe('* welcome, cyd. Here are: ada, bob, cyd');
    expect([await ada.hear(), await ada.hear(), await bob.hear()]).toEqual([
      '* bob has come',
      '* cyd has come',
      '* cyd has come',
    ]);
    for (let i = 1; i <= 100; i++) ada.say(`line ${i}`);
    for (let i = 1; i <= 100; i++) {
      expect([await bob.hear(), await cyd.hear()]).toEqual([`ada: line ${i}`, `ada: line ${i}`]);
    }
    bob.say('only ada and cyd see this');
    expect([await ada.hear(), await cyd.hear()]).toEqual(Array(2).fill('bob: only ada and cyd see this'));
  });

  it('asks again for a name that is taken or cannot be one', async () => {
    const [first, second] = [new Client(), new Client()];
    await first.enterAs('ada');
    expect(await second.enterAs('ada')).toBe('* ada is here already: another name?');
    second.say('no such name!');
    expect(await second.hear()).toBe('* letters and digits, please');
    second.say('bob');
    expect(await second.hear()).toBe('* welcome, bob. Here are: ada, bob');
  });

  it('tells who has gone, whether they said so or not', async () => {
    const [ada, bob, cyd] = [new Client(), new Client(), new Client()];
    for (const [client, name] of [
      [ada, 'ada'],
      [bob, 'bob'],
      [cyd, 'cyd'],
    ] as const)
      await client.enterAs(name);
    await ada.hear();
    await ada.hear();
    bob.say('/quit');
    expect(await ada.hear()).toBe('* bob has gone');
    cyd.socket.resetAndDestroy();
    expect(await ada.hear()).toBe('* cyd has gone');
    ada.say('/who');
    expect(await ada.hear()).toBe('* here are: ada');
  });

  it('puts lines together that arrive in pieces, and takes apart what arrives at once', async () => {
    const [ada, bob] = [new Client(), new Client()];
    await ada.enterAs('ada');
    await bob.enterAs('bob');
    bob.socket.setNoDelay();
    for (const piece of ['gree', 'tings\r', '\none\ntwo\n', 'ä'.repeat(50_000), '\n']) {
      bob.socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await ada.hear();
    expect([await ada.hear(), await ada.hear(), await ada.hear()]).toEqual(['bob: greetings', 'bob: one', 'bob: two']);
    expect(await ada.hear()).toBe(`bob: ${'ä'.repeat(50_000)}`);
  });

  it('drops who does not read, and goes on with the others', async () => {
    const [ada, deaf, bob] = [new Client(), new Client(), new Client()];
    await ada.enterAs('ada');
    await deaf.enterAs('deaf');
    await bob.enterAs('bob');
    deaf.socket.pause();
    const long = 'x'.repeat(100_000);
    let heard: string | null = null;
    // More than the system's buffers and the server's limit hold together.
    for (let i = 0; i < 500 && heard !== '* deaf has gone'; i++) {
      ada.say(long);
      heard = await bob.hear();
    }
    expect(heard).toBe('* deaf has gone');
  });

  it('lets 200 talk at once', async () => {
    const many = Array.from({ length: 200 }, () => new Client());
    for (const [i, client] of many.entries()) await client.enterAs(`guest${i}`);
    many.at(-1)!.say('good morning');
    for (const [i, client] of [...many.entries()].slice(0, -1)) {
      for (let other = i + 1; other < 200; other++) expect(await client.hear()).toBe(`* guest${other} has come`);
      expect(await client.hear()).toBe('guest199: good morning');
    }
  });
});
