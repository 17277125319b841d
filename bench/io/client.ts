// Connections that ask and wait for the answer, again and again: what is timed, and checked. Not for protocols: that an answer is the right
// one is told by its beginning, its end and its length.
import net from 'node:net';

export interface Message {
  readonly question: Buffer;
  /** Of the answer. */
  readonly beginning: string;
  readonly end: string;
}

export const messages: Readonly<Record<string, Message>> = {
  get: {
    question: Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    beginning: 'HTTP/1.1 200 OK\r\n',
    end: '\r\n\r\nhello world\n',
  },
  post: post('{"id":7}'),
  bytes: { question: Buffer.alloc(64, 'x'), beginning: 'x', end: 'x'.repeat(64) },
};

function post(body: string): Message {
  const head = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return {
    question: Buffer.from(head + body),
    beginning: 'HTTP/1.1 200 OK\r\n',
    end: '\r\n\r\n{"id":7,"name":"somebody"}',
  };
}

/** Told of each answer how long it took. */
export type Heard = (milliseconds: number) => void;

/** One connection. */
export class Asker {
  readonly #socket: net.Socket;
  readonly #message: Message;
  readonly #heard: Heard;
  /** Bytes of an answer; all have as many as the first one. */
  #length = 0;
  #received = 0;
  #first = '';
  #asked = 0;

  private constructor(socket: net.Socket, message: Message, heard: Heard) {
    this.#socket = socket;
    this.#message = message;
    this.#heard = heard;
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.#take(piece));
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the server closed a connection')));
  }

  static async connect(port: number, message: Message, heard: Heard): Promise<Asker> {
    const socket = net.connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new Asker(socket, message, heard);
  }

  ask(): void {
    this.#received = 0;
    this.#asked = performance.now();
    this.#socket.write(this.#message.question);
  }

  #take(piece: Buffer): void {
    this.#received += piece.length;
    if (this.#length === 0) {
      this.#first += piece.toString('latin1');
      if (!this.#first.endsWith(this.#message.end)) return;
      if (!this.#first.startsWith(this.#message.beginning)) throw unexpected(this.#first);
      this.#length = this.#received;
    } else if (this.#received < this.#length) {
      return;
    }
    const end = piece.toString('latin1', Math.max(0, piece.length - this.#message.end.length));
    if (this.#received > this.#length || !this.#message.end.endsWith(end)) throw unexpected(piece.toString('latin1'));
    this.#heard(performance.now() - this.#asked);
    this.ask();
  }
}

function unexpected(answer: string): Error {
  return new Error(`not the answer that was expected: ${answer}`);
}

function fail(error: Error): never {
  throw error;
}
