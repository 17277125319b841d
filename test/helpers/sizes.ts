// How much the largest tests do. CI runs them in full once, under one Node; elsewhere, with GREENLETS_TEST_SIZE=small, the same tests do
// less of it: what differs between Nodes shows in the first thousands as well as in the millions after them.

export const small: boolean = process.env.GREENLETS_TEST_SIZE === 'small';

/** `full` where the tests run in full, `less` where they run small. */
export function sized(full: number, less: number): number {
  return small ? less : full;
}
