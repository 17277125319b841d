// A chat server over plain node:net. Each connection is a task that reads lines in a loop; nobody's loop knows of the others'.
//   node out/examples/chat_server.js                 three people talk, and the transcript is checked
//   node out/examples/chat_server.js --listen 4000   serves until it is ended: `nc 127.0.0.1 4000`
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { inTask, iterate, once, run, withTimeout } from 'greenlets';

/** Who has given a name, in the order in which they came. */
const members = new Map<string, Socket>();

/** Bytes that may wait for somebody who does not read. */
const mostUnread = 1 << 20;

/** Milliseconds in which a newcomer has to say a name. */
const patience = 60_000;

/** A connection from its first line to its last. It runs in a task of its own. */
function serve(socket: Socket): void {
  const lines = linesOf(socket);
  let name: string | null = null;
  try {
    name = withTimeout(patience, () => askForName(socket, lines));
    if (name === null) return;
    members.set(name, socket);
    say(socket, `* welcome, ${name}. Here are: ${[...members.keys()].join(', ')}`);
    sayToOthers(name, `* ${name} has come`);
    for (const line of lines) {
      if (line === '/quit') break;
      if (line === '/who') say(socket, `* here are: ${[...members.keys()].join(', ')}`);
      else if (line.trim() !== '') sayToOthers(name, `${name}: ${line}`);
    }
  } catch {
    // Too slow, or a broken connection: the same as to hang up.
  } finally {
    if (name !== null) {
      members.delete(name);
      sayToOthers(name, `* ${name} has gone`);
    }
    socket.destroySoon();
  }
}

/** Null when they hang up before they have said one. */
function askForName(socket: Socket, lines: Iterator<string>): string | null {
  say(socket, '* what is your name?');
  for (;;) {
    const { done, value } = lines.next();
    if (done) return null;
    const name = value.trim();
    if (/^\w{1,20}$/.test(name) && !members.has(name)) return name;
    say(socket, members.has(name) ? `* ${name} is here already: another name?` : '* letters and digits, please');
  }
}

function sayToOthers(name: string, text: string): void {
  for (const [member, socket] of members) if (member !== name) say(socket, text);
}

function say(socket: Socket, text: string): void {
  if (!socket.writable) return;
  // To wait here until it is sent would let one who does not read keep everybody waiting: they are dropped.
  if (socket.writableLength > mostUnread) socket.destroy();
  else socket.write(`${text}\n`);
}

/** What comes in, line by line. A chunk of a stream is not a line: it may be half of one, or several. */
function* linesOf(socket: Socket): Generator<string, void, undefined> {
  let rest = '';
  for (const chunk of iterate<string>(socket.setEncoding('utf8'))) {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() as string;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** A server that listens; 0 for any free port. */
function chatServer(port: number): Server {
  const server = createServer(
    inTask((socket: Socket) => {
      // What breaks a connection while nobody reads from it must not end the program.
      socket.on('error', () => {});
      serve(socket);
    }),
  );
  server.listen(port, '127.0.0.1');
  once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** Somebody who talks and listens, for the conversation below. */
class Visitor {
  readonly #who: string;
  readonly #socket: Socket;
  readonly #lines: Iterator<string>;

  constructor(who: string, port: number) {
    this.#who = who;
    this.#socket = connect(port, '127.0.0.1');
    this.#lines = linesOf(this.#socket);
  }

  says(line: string): void {
    console.log(`  ${this.#who} says   ${line}`);
    this.#socket.write(`${line}\n`);
  }

  /** Blocks until there is a line, which has to be this one; null for the end of the connection. */
  hears(expected: string | null): void {
    const { done, value } = withTimeout(patience, () => this.#lines.next());
    console.log(`  ${this.#who} hears  ${done ? '(the end)' : value}`);
    assert.equal(done ? null : value, expected);
  }

  leaves(): void {
    console.log(`  ${this.#who} leaves`);
    this.#socket.destroy();
  }
}

function conversation(port: number): void {
  const ada = new Visitor('ada', port);
  ada.hears('* what is your name?');
  ada.says('ada');
  ada.hears('* welcome, ada. Here are: ada');

  const bob = new Visitor('bob', port);
  bob.hears('* what is your name?');
  bob.says('ada');
  bob.hears('* ada is here already: another name?');
  bob.says('bob');
  bob.hears('* welcome, bob. Here are: ada, bob');
  ada.hears('* bob has come');

  const cyd = new Visitor('cyd', port);
  cyd.hears('* what is your name?');
  cyd.says('cyd');
  cyd.hears('* welcome, cyd. Here are: ada, bob, cyd');
  for (const other of [ada, bob]) other.hears('* cyd has come');

  ada.says('hello');
  for (const other of [bob, cyd]) other.hears('ada: hello');
  cyd.leaves();
  for (const other of [ada, bob]) other.hears('* cyd has gone');
  bob.says('/who');
  bob.hears('* here are: ada, bob');
  ada.says('/quit');
  ada.hears(null);
  bob.hears('* ada has gone');
  bob.leaves();
}

const { values } = parseArgs({ options: { listen: { type: 'string' } } });

await run(() => {
  const server = chatServer(Number(values.listen ?? 0));
  if (values.listen === undefined) {
    conversation(portOf(server));
    server.close();
  } else {
    console.log(`listening on 127.0.0.1:${portOf(server)}`);
    once(server, 'close');
  }
});

/** One line for a summary. */
export const conclusion = 'three people talked, each connection in a task of its own';
