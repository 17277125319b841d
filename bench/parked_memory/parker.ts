// What a contender's file exports to park many, for parked_memory and gc_cost.

export interface Parker {
  /** Starts one, which waits in the middle of its function. */
  park(): unknown;
  /** Lets a waiting one go on to its end: true if it had really waited there. */
  finish(parked: unknown): boolean | Promise<boolean>;
}

/** Lets three of them finish, to see that they were parked and still can go on. */
export async function check({ finish }: Parker, parked: readonly unknown[]): Promise<void> {
  for (const one of new Set([parked[0], parked[parked.length >> 1], parked[parked.length - 1]])) {
    if ((await finish(one)) !== true) throw new Error('one that should be parked is not');
  }
}
