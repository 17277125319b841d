// class Body: the body of a request that a server gets, up to the size that it takes. Not for answers: fetch.ts.
import type http from 'node:http';
import { HttpError } from '../../core/upper.js';
import { ByteReader } from '../net/upper.js';

export class Body extends ByteReader {
  readonly #raw: http.IncomingMessage;
  #left: number;
  readonly #most: number;

  constructor(raw: http.IncomingMessage, most: number) {
    super(raw, false);
    this.#raw = raw;
    this.#most = most;
    this.#left = most;
    // A small body usually comes with the head.
    if (raw.complete && !raw.destroyed) this.takeAll();
    else this.begin();
  }

  protected override admit(piece: Buffer): boolean {
    this.#left -= piece.length;
    if (this.#left >= 0) return true;
    this.#raw.pause();
    this.stopReading(tooLarge(this.#most));
    return false;
  }
}

export function tooLarge(most: number): HttpError {
  return new HttpError(413, `The body is larger than ${most} bytes.`);
}
