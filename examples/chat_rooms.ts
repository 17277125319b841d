// A chat server with rooms, over greenlets/net: a loop over lines for each member. Who does not read is dropped, and holds nobody up.
//   node out/examples/chat_rooms.js                 some people talk in two rooms, and what they hear is checked
//   node out/examples/chat_rooms.js --listen 4000   serves until Ctrl+C: `nc 127.0.0.1 4000`
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { once, run } from 'greenlets';
import { connect, type Socket, StreamServer } from 'greenlets/net';

/** Milliseconds in which a newcomer has to say a name, and in which a member has to take a line. */
const patience = 60_000;
const mostDelay = 1000;

class Room {
  readonly name: string;
  readonly members: Map<string, Socket> = new Map();

  constructor(name: string) {
    this.name = name;
  }

  say(text: string, except?: string): void {
    for (const [name, socket] of this.members) if (name !== except) sayTo(socket, text);
  }
}

const rooms = new Map<string, Room>();

function sayTo(socket: Socket, text: string): void {
  try {
    socket.write(`${text}\n`, { timeout: mostDelay });
  } catch {
    // It has gone, or does not read: its own task will see to the rest.
    socket.destroy();
  }
}

function enter(room: string, name: string, socket: Socket): Room {
  const entered = rooms.get(room) ?? new Room(room);
  rooms.set(room, entered);
  entered.members.set(name, socket);
  sayTo(socket, `* ${room}: ${[...entered.members.keys()].join(', ')}`);
  entered.say(`* ${name} has come`, name);
  return entered;
}

function leave(room: Room, name: string): void {
  room.members.delete(name);
  room.say(`* ${name} has gone`);
  if (room.members.size === 0) rooms.delete(room.name);
}

function isTaken(name: string): boolean {
  return [...rooms.values()].some(({ members }) => members.has(name));
}

/** A member, from the first line to the last. It runs in a task of its own. */
function member(socket: Socket): void {
  socket.write('* what is your name?\n');
  let name = socket.readLine({ timeout: patience })?.trim() ?? '';
  while (!/^\w{1,20}$/.test(name) || isTaken(name)) {
    socket.write('* another name, please\n');
    const line = socket.readLine({ timeout: patience });
    if (line === null) return;
    name = line.trim();
  }
  let room = enter('lobby', name, socket);
  try {
    for (const line of socket.lines()) {
      const [, command, argument = ''] = /^\/(\w+) ?(.*)$/.exec(line) ?? [];
      if (command === undefined) room.say(`${name}: ${line}`, name);
      else if (command === 'quit') return;
      else if (command === 'rooms') sayTo(socket, `* rooms: ${[...rooms.keys()].join(', ')}`);
      else if (command === 'join' && /^\w{1,20}$/.test(argument)) {
        leave(room, name);
        room = enter(argument, name, socket);
      } else sayTo(socket, '* /join room, /rooms, /quit');
    }
  } finally {
    leave(room, name);
  }
}

/** Somebody who talks and listens, for the conversation below. */
class Visitor {
  readonly #name: string;
  readonly #socket: Socket;

  constructor(name: string, port: number) {
    this.#name = name;
    this.#socket = connect(port, '127.0.0.1');
    this.hears('* what is your name?');
    this.says(name);
  }

  says(line: string): void {
    console.log(`  ${this.#name} says   ${line}`);
    this.#socket.write(`${line}\n`);
  }

  hears(expected: string | null): void {
    const line = this.#socket.readLine({ timeout: patience });
    console.log(`  ${this.#name} hears  ${line ?? '(the end)'}`);
    assert.equal(line, expected);
  }

  leaves(): void {
    console.log(`  ${this.#name} leaves`);
    this.#socket.close();
  }
}

function conversation(port: number): void {
  const ada = new Visitor('ada', port);
  ada.hears('* lobby: ada');
  const bob = new Visitor('bob', port);
  bob.hears('* lobby: ada, bob');
  ada.hears('* bob has come');
  const cyd = new Visitor('cyd', port);
  cyd.hears('* lobby: ada, bob, cyd');
  for (const other of [ada, bob]) other.hears('* cyd has come');

  cyd.says('/join kitchen');
  cyd.hears('* kitchen: cyd');
  for (const other of [ada, bob]) other.hears('* cyd has gone');
  bob.says('hello');
  ada.hears('bob: hello');
  bob.says('/join kitchen');
  bob.hears('* kitchen: cyd, bob');
  ada.hears('* bob has gone');
  cyd.hears('* bob has come');
  cyd.says('tea?');
  bob.hears('cyd: tea?');
  ada.says('/rooms');
  ada.hears('* rooms: lobby, kitchen');

  cyd.leaves();
  bob.hears('* cyd has gone');
  ada.says('/quit');
  ada.hears(null);
  bob.leaves();
}

const { values } = parseArgs({ options: { listen: { type: 'string' } }, allowPositionals: true });

await run(() => {
  // Somebody whose connection breaks, or who is too slow to say a name, is no error of the server's.
  const server = new StreamServer(member, { host: '127.0.0.1', pool: 1000, onError: () => {} });
  server.listen(Number(values.listen ?? 0));
  if (values.listen === undefined) conversation(server.port);
  else {
    console.log(`listening on port ${server.port}`);
    once(process, 'SIGINT');
  }
  server.stop({ timeout: 1000 });
});

/** One line for a summary. */
export const conclusion = 'three people talked in two rooms, each in a task of their own';
