// class Hold: a lock that is released at the end of a block.

/** What `hold()` of a lock returns: `using _ = lock.hold()` releases the lock at the end of the block, once. */
export class Hold {
  #lock: { release(): void } | null;

  /** @internal */
  constructor(lock: { release(): void }) {
    this.#lock = lock;
  }

  /** Releases the lock now; later calls do nothing. */
  release(): void {
    const lock = this.#lock;
    this.#lock = null;
    lock?.release();
  }

  /** As `release()`. */
  [Symbol.dispose](): void {
    this.release();
  }
}
