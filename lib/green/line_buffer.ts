// Lines out of pieces of bytes, as they come. Not for where the pieces come from.

const newline = 0x0a;
const carriageReturn = 0x0d;

/** A line ends with '\n' or '\r\n', which are no part of it. */
export class LineBuffer {
  #pieces: Buffer[] = [];
  #length = 0;

  /** Bytes that have not been taken. */
  get length(): number {
    return this.#length;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  /** The next line; null while its end is not there. */
  takeLine(): string | null {
    let before = 0;
    for (const piece of this.#pieces) {
      const at = piece.indexOf(newline);
      if (at === -1) {
        before += piece.length;
        continue;
      }
      const line = this.take(before + at + 1);
      const end = line.at(-2) === carriageReturn ? line.length - 2 : line.length - 1;
      return line.toString('utf8', 0, end);
    }
    return null;
  }

  /** As many bytes, or what there is. */
  take(count: number = this.#length): Buffer {
    const taken: Buffer[] = [];
    let missing = Math.min(count, this.#length);
    this.#length -= missing;
    let used = 0;
    while (missing > 0) {
      const piece = this.#pieces[used] as Buffer;
      if (piece.length > missing) {
        taken.push(piece.subarray(0, missing));
        this.#pieces[used] = piece.subarray(missing);
        break;
      }
      taken.push(piece);
      missing -= piece.length;
      used++;
    }
    this.#pieces.splice(0, used);
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken);
  }
}
