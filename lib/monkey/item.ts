// One function that can be patched. Not for whether it is: patches.ts.
import type { AnyFunction } from './form.js';

export interface Item {
  /** As in `getOriginal('fs', 'readFileSync')`. */
  readonly name: string;
  /** The object whose property it is. */
  readonly holder: object;
  readonly key: string;
  /** What takes the original's place. */
  readonly make: (original: AnyFunction) => AnyFunction;
}
