// class ByteQueue: bytes in the pieces in which they came, taken out in other pieces. Not for waiting for them: byte_reader.ts.

// Pieces that stay smaller are put together, so that who sends single bytes fills the queue with bytes and not with objects.
const smallPiece = 4096;

export class ByteQueue {
  #pieces: Buffer[] = [];
  /** The oldest piece that is left. */
  #head = 0;
  #length = 0;

  /** Bytes. */
  get length(): number {
    return this.#length;
  }

  push(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#length += piece.length;
    const pieces = this.#pieces;
    const last = pieces.length - 1;
    const tail = last >= this.#head ? pieces[last] : undefined;
    if (tail !== undefined && tail.length + piece.length <= smallPiece) pieces[last] = Buffer.concat([tail, piece]);
    else pieces.push(piece);
  }

  /** The oldest piece, or its first `most` bytes. There must be one. */
  shift(most: number = Number.POSITIVE_INFINITY): Buffer {
    const piece = this.#pieces[this.#head] as Buffer;
    if (piece.length <= most) {
      this.#drop(piece.length);
      return piece;
    }
    this.#pieces[this.#head] = piece.subarray(most);
    this.#length -= most;
    return piece.subarray(0, most);
  }

  /** Exactly so many bytes, which must be there. */
  take(size: number): Buffer {
    if (size === 0) return Buffer.alloc(0);
    const first = this.#pieces[this.#head] as Buffer;
    if (first.length >= size) return this.shift(size);
    const taken = Buffer.allocUnsafe(size);
    for (let filled = 0; filled < size; ) filled += this.shift(size - filled).copy(taken, filled);
    return taken;
  }

  /** Where these bytes begin, at `from` or later; -1 when they are not there. */
  indexOf(needle: Uint8Array, from: number): number {
    const pieces = this.#pieces;
    let start = 0;
    for (let i = this.#head; i < pieces.length; i++) {
      const piece = pieces[i] as Buffer;
      const end = start + piece.length;
      if (end > from) {
        const at = piece.indexOf(needle, Math.max(0, from - start));
        if (at >= 0) return start + at;
        // It may begin in this piece and end in a later one.
        for (let begin = Math.max(0, from - start, piece.length - needle.length + 1); begin < piece.length; begin++) {
          if (this.#matches(needle, i, begin)) return start + begin;
        }
      }
      start = end;
    }
    return -1;
  }

  clear(): void {
    this.#pieces = [];
    this.#head = 0;
    this.#length = 0;
  }

  #matches(needle: Uint8Array, i: number, offset: number): boolean {
    let piece = this.#pieces[i] as Buffer;
    for (const byte of needle) {
      while (offset === piece.length) {
        const next = this.#pieces[++i];
        if (next === undefined) return false;
        piece = next;
        offset = 0;
      }
      if (piece[offset++] !== byte) return false;
    }
    return true;
  }

  /** Forgets the oldest piece. */
  #drop(length: number): void {
    this.#length -= length;
    this.#pieces[this.#head++] = undefined as never;
    if (this.#head === this.#pieces.length) {
      this.#pieces.length = 0;
      this.#head = 0;
    } else if (this.#head > 64 && this.#head * 2 > this.#pieces.length) {
      this.#pieces.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
