// class Connection: what a StreamServer does with one connection: its handler, in a task, and the socket's end after it.
import type net from 'node:net';
import { wait } from '../../hub/index.js';
import { isThenable } from '../../hub/upper.js';
import { Job } from '../servers/dispatcher.js';
import type { Socket } from './socket.js';

export class Connection<S extends Socket> extends Job {
  readonly #raw: net.Socket;
  readonly #open: (raw: net.Socket) => S;
  readonly #handle: (socket: S) => void;
  readonly #report: (error: unknown) => void;
  #socket: S | null = null;

  constructor(
    raw: net.Socket,
    open: (raw: net.Socket) => S,
    handle: (socket: S) => void,
    report: (error: unknown) => void,
  ) {
    super();
    this.#raw = raw;
    this.#open = open;
    this.#handle = handle;
    this.#report = report;
  }

  override get isGone(): boolean {
    return this.#raw.destroyed;
  }

  override run(): void {
    // Not covered: a client that goes while its task stands in the queue of the ready ones.
    if (this.isGone) return;
    try {
      this.#socket = this.#open(this.#raw);
      const result: unknown = this.#handle(this.#socket);
      // Somebody may be used to async functions.
      if (isThenable(result)) wait(result);
    } catch (error) {
      this.#report(error);
    }
  }

  override end(): void {
    if (this.#socket === null) this.#raw.destroy();
    else this.#socket.close();
  }
}
