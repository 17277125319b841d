// Keeps Node's async stack (executionAsyncId, executionAsyncResource, and on Node 20 and 22 the AsyncLocalStorage stores) with
// the greenlet it belongs to. Not for V8's part of the async context (the stores from Node 24 on): the engine carries that.

import { AsyncResource, executionAsyncId } from 'node:async_hooks';
import { type AsyncInternals, type AsyncWrap, openAsyncInternals } from './async_internals.js';
import { GreenletError } from './errors.js';

/**
 * What every switch of a thread goes through. The stack is at any time
 *
 *     main's entries | the running greenlet's own entry | what it has entered since (runInAsyncScope, native callbacks)
 *
 * Main's stay in place while greenlets run above them. A greenlet's are taken out when it parks, and put back on top of
 * whatever main then has when it resumes. `null` stands for the main greenlet.
 */
export interface AsyncContext {
  /**
   * 'moved': each greenlet keeps its entries. 'guarded': Node's arrays are not to be had, so every greenlet runs in the entry
   * of the main greenlet, and one that has entered another cannot be left. On Node 20 and 22 (and with
   * --no-async-context-frame) an AsyncLocalStorage store that a greenlet sets is then main's as well, and a resumed greenlet
   * sees the stores of whatever main is in.
   */
  readonly kind: 'moved' | 'guarded';
  /** Why it is 'guarded', as the end of a sentence. */
  readonly reason: string | null;

  /** For a greenlet's first switch, before `transfer`, or earlier: it inherits what is current now, AsyncLocalStorage stores included. */
  createSlice(): Slice;

  /**
   * Leaves one greenlet's context and takes on the other's. To be called by the leaver right before it switches stacks; if
   * it then cannot switch, the reverse call puts everything back.
   * @throws GreenletError ERR_GREENLET_ASYNC_SCOPE when `leaving` cannot be left now; then nothing has changed.
   */
  readonly transfer: (this: void, leaving: Slice | null, arriving: Slice | null) => void;

  /** For a slice that was never taken on: its greenlet died before its start. */
  discard(slice: Slice): void;

  /** Like transfer, for a greenlet that is dead: whatever it had entered is gone with it. Never throws. */
  finish(leaving: Slice, arriving: Slice | null): void;

  /** Calls `fn` in the innermost entry of a parked greenlet, which stays parked. When 'guarded', in the current one. */
  runInSlice<T>(slice: Slice | null, fn: () => T): T;
}

/** One entry of Node's async stack. */
interface Entry {
  readonly asyncId: number;
  readonly triggerAsyncId: number;
  readonly resource: object | undefined;
}

/** A greenlet's part of the async stack; as an Entry, its own one. */
export class Slice {
  readonly resource: AsyncResource;
  readonly asyncId: number;
  readonly triggerAsyncId: number;
  /** Of a parked greenlet: what it holds but for its own entry. Null, by far the most common case, means nothing. */
  parked: Parked | null = null;

  constructor(resource: AsyncResource) {
    this.resource = resource;
    this.asyncId = resource.asyncId();
    this.triggerAsyncId = resource.triggerAsyncId();
  }
}

interface Parked {
  /** Innermost first. */
  readonly entries: readonly Entry[];
  readonly defaultTrigger: number;
  /**
   * Node empties the whole stack after an uncaught error that somebody handled. A greenlet it happened to goes on without
   * its own entry, and the scopes it was in end as if they had never begun, but only while they find the stack empty.
   */
  readonly emptied: boolean;
}

/** What async_id_fields holds when no default trigger id is set. */
const noDefaultTrigger = -1;

/** Opens the async context of this thread. Once for each, and for all copies of the library in it. */
export function openAsyncContext(): AsyncContext {
  const internals = openAsyncInternals();
  return 'reason' in internals ? new GuardedContext(internals.reason) : new MovedContext(internals);
}

const twoKibibytes: readonly undefined[] = new Array<undefined>(256).fill(undefined);
function takeArguments(): void {}

/** Where the running greenlet's entries begin. Means nothing while main runs. */
interface Place {
  /** How many entries lie below its own one. */
  base: number;
  mainDefaultTrigger: number;
}

/**
 * The usual switch: whoever leaves holds its own entry only, so does whoever arrives, and no hook wants to know. Nothing is called here
 * that could run out of stack half-way. All else is `transferAll`'s.
 *
 * A closure over constants: every switch goes through it, and V8 compiles what they refer to into the switch itself.
 */
function usualTransfer(
  internals: AsyncInternals,
  place: Place,
  transferAll: (leaving: Slice | null, arriving: Slice | null) => void,
): (leaving: Slice | null, arriving: Slice | null) => void {
  const { fields, ids, resources, wrap } = internals;
  const { kBefore, kAfter, kStackLength, kExecutionAsyncId, kTriggerAsyncId, kDefaultTriggerAsyncId } = internals.index;
  return (leaving, arriving) => {
    const depth = fields[kStackLength]!;
    if (ids[kDefaultTriggerAsyncId] === noDefaultTrigger && fields[kBefore] === 0 && fields[kAfter] === 0) {
      if (leaving !== null) {
        const base = place.base;
        if (depth === base + 1 && resources[base] === leaving.resource) {
          if (arriving === null) {
            if (place.mainDefaultTrigger === noDefaultTrigger) {
              const stack = wrap.async_ids_stack;
              resources.pop();
              ids[kExecutionAsyncId] = stack[2 * base]!;
              ids[kTriggerAsyncId] = stack[2 * base + 1]!;
              fields[kStackLength] = base;
              return;
            }
          } else if (arriving.parked === null) {
            resources[base] = arriving.resource;
            ids[kExecutionAsyncId] = arriving.asyncId;
            ids[kTriggerAsyncId] = arriving.triggerAsyncId;
            return;
          }
        }
      } else if (arriving !== null && arriving.parked === null) {
        const stack = wrap.async_ids_stack;
        if (2 * depth < stack.length) {
          place.base = depth;
          place.mainDefaultTrigger = noDefaultTrigger;
          resources[depth] = arriving.resource;
          stack[2 * depth] = ids[kExecutionAsyncId]!;
          stack[2 * depth + 1] = ids[kTriggerAsyncId]!;
          ids[kExecutionAsyncId] = arriving.asyncId;
          ids[kTriggerAsyncId] = arriving.triggerAsyncId;
          fields[kStackLength] = depth + 1;
          return;
        }
      }
    }
    transferAll(leaving, arriving);
  };
}

class MovedContext implements AsyncContext {
  readonly kind = 'moved';
  readonly reason = null;
  readonly #internals: AsyncInternals;
  readonly #wrap: AsyncWrap;
  readonly #fields: Uint32Array;
  readonly #ids: Float64Array;
  readonly #resources: unknown[];
  readonly #kBefore: number;
  readonly #kAfter: number;
  readonly #kStackLength: number;
  readonly #kExecutionAsyncId: number;
  readonly #kTriggerAsyncId: number;
  readonly #kDefaultTriggerAsyncId: number;
  readonly #place: Place = { base: 0, mainDefaultTrigger: noDefaultTrigger };
  readonly transfer: (leaving: Slice | null, arriving: Slice | null) => void;
  /** Main's entries, innermost first, while a greenlet with an emptied stack runs. */
  #mainEntries: readonly Entry[] | null = null;
  #moving = false;

  constructor(internals: AsyncInternals) {
    this.#internals = internals;
    this.#wrap = internals.wrap;
    this.#fields = internals.fields;
    this.#ids = internals.ids;
    this.#resources = internals.resources;
    const { index } = internals;
    this.#kBefore = index.kBefore;
    this.#kAfter = index.kAfter;
    this.#kStackLength = index.kStackLength;
    this.#kExecutionAsyncId = index.kExecutionAsyncId;
    this.#kTriggerAsyncId = index.kTriggerAsyncId;
    this.#kDefaultTriggerAsyncId = index.kDefaultTriggerAsyncId;
    this.transfer = usualTransfer(internals, this.#place, (leaving, arriving) => this.#transferAll(leaving, arriving));
  }

  createSlice(): Slice {
    // Its init hooks are what AsyncLocalStorage copies the stores with. One kind for all greenlets: async hooks group by it.
    return new Slice(new AsyncResource('GREENLET', { requireManualDestroy: true }));
  }

  discard(slice: Slice): void {
    slice.resource.emitDestroy();
  }

  finish(leaving: Slice, arriving: Slice | null): void {
    this.transfer(leaving, arriving);
    leaving.parked = null;
    leaving.resource.emitDestroy();
  }

  runInSlice<T>(slice: Slice | null, fn: () => T): T {
    const { asyncId, triggerAsyncId, resource } = this.#innermost(slice);
    const { emitBefore, emitAfter } = this.#internals;
    const fields = this.#fields;
    this.#resources[fields[this.#kStackLength]!] = resource;
    this.#wrap.pushAsyncContext(asyncId, triggerAsyncId);
    try {
      if (asyncId > 0 && fields[this.#kBefore]! > 0) emitBefore(asyncId);
      return fn();
    } finally {
      // Not so after an uncaught error in `fn` that somebody handled: Node has emptied the stack.
      if (fields[this.#kStackLength]! > 0 && this.#ids[this.#kExecutionAsyncId] === asyncId) {
        try {
          if (asyncId > 0 && fields[this.#kAfter]! > 0) emitAfter(asyncId);
        } finally {
          this.#wrap.popAsyncContext(asyncId);
        }
      }
    }
  }

  /** Every case that there is. */
  #transferAll(leaving: Slice | null, arriving: Slice | null): void {
    if (this.#moving) {
      throw new GreenletError(
        'ERR_GREENLET_ASYNC_SCOPE',
        'Cannot switch greenlets inside a before or after callback of an async hook: that callback is part of a switch. ' +
          'Do it later, from setImmediate() for example.',
      );
    }
    // First what is to be done, then the doing.
    const fields = this.#fields;
    const ids = this.#ids;
    const resources = this.#resources;
    const wrap = this.#wrap;
    const { emitBefore, emitAfter } = this.#internals;
    const defaultTrigger = ids[this.#kDefaultTriggerAsyncId]!;
    const depth = fields[this.#kStackLength]!;
    let base = this.#place.base;
    let mainEntries = this.#mainEntries;
    let mainDefaultTrigger = this.#place.mainDefaultTrigger;
    let parked: Parked | null = null;
    /** How many entries stay where they are. */
    let kept: number;
    /** Main's entries that go back to their place, below all others. */
    let restored: readonly Entry[] = [];

    if (leaving === null) {
      kept = base = depth;
      mainDefaultTrigger = defaultTrigger;
    } else if (depth > base && resources[base] === leaving.resource) {
      kept = base;
      const entries = this.#entries(base + 1, depth);
      if (entries.length > 0 || defaultTrigger !== noDefaultTrigger)
        parked = { entries, defaultTrigger, emptied: false };
    } else {
      // The stack was emptied under it, main's entries included: all that there is now, it has entered since.
      kept = 0;
      parked = { entries: this.#entries(0, depth), defaultTrigger, emptied: true };
      restored = mainEntries ?? [];
      mainEntries = null;
      base = restored.length;
    }
    const own = kept;
    if (arriving?.parked?.emptied) {
      mainEntries = restored.length > 0 ? restored : this.#entries(0, kept);
      restored = [];
      kept = base = 0;
    }
    const arrived = arriving === null ? [] : [...(arriving.parked?.entries ?? [])];
    if (arriving !== null && !arriving.parked?.emptied) arrived.push(arriving);

    // A full stack must be a RangeError here, not half-way: from now on no function of ours is called, and what V8 itself may
    // call takes less than these arguments.
    Reflect.apply(takeArguments, undefined, twoKibibytes);
    this.#moving = true;
    for (let at = depth - 1; at >= kept; at--) {
      const asyncId = ids[this.#kExecutionAsyncId]!;
      if (at >= own && asyncId > 0 && fields[this.#kAfter]! > 0) {
        try {
          emitAfter(asyncId);
        } catch {
          // Not covered: no stack left to call the hooks with; what they throw themselves ends the process.
        }
      }
      if (resources[at] === undefined) {
        // C++ pushed it: the native side points into the stack of whoever did, and must forget that too. Put back, the entry
        // has its resource on the JavaScript side, which Node looks at first.
        wrap.popAsyncContext(asyncId);
      } else {
        const stack = wrap.async_ids_stack;
        resources.pop();
        ids[this.#kExecutionAsyncId] = stack[2 * at]!;
        ids[this.#kTriggerAsyncId] = stack[2 * at + 1]!;
        fields[this.#kStackLength] = at;
      }
    }
    for (let i = restored.length + arrived.length - 1; i >= 0; i--) {
      const observed = i < arrived.length;
      const { asyncId, triggerAsyncId, resource } = (observed ? arrived[i] : restored[i - arrived.length])!;
      const at = fields[this.#kStackLength]!;
      const stack = wrap.async_ids_stack;
      resources[at] = resource;
      if (2 * at < stack.length) {
        stack[2 * at] = ids[this.#kExecutionAsyncId]!;
        stack[2 * at + 1] = ids[this.#kTriggerAsyncId]!;
        ids[this.#kExecutionAsyncId] = asyncId;
        ids[this.#kTriggerAsyncId] = triggerAsyncId;
        fields[this.#kStackLength] = at + 1;
      } else {
        wrap.pushAsyncContext(asyncId, triggerAsyncId);
      }
      if (observed && asyncId > 0 && fields[this.#kBefore]! > 0) {
        try {
          emitBefore(asyncId);
        } catch {
          // Not covered: as above.
        }
      }
    }
    this.#place.base = base;
    this.#mainEntries = mainEntries;
    this.#place.mainDefaultTrigger = mainDefaultTrigger;
    ids[this.#kDefaultTriggerAsyncId] =
      arriving === null ? mainDefaultTrigger : (arriving.parked?.defaultTrigger ?? noDefaultTrigger);
    if (leaving !== null) leaving.parked = parked;
    if (arriving !== null) arriving.parked = null;
    this.#moving = false;
  }

  #innermost(slice: Slice | null): Entry {
    const empty = { asyncId: 0, triggerAsyncId: 0, resource: this.#internals.topLevelResource };
    if (slice !== null) return slice.parked?.entries[0] ?? (slice.parked?.emptied ? empty : slice);
    return this.#mainEntries?.[0] ?? this.#entries(0, this.#place.base)[0] ?? empty;
  }

  /** The entries from one index up to, not including, another, innermost first. Changes nothing. */
  #entries(from: number, to: number): Entry[] {
    const depth = this.#fields[this.#kStackLength]!;
    const stack = this.#wrap.async_ids_stack;
    const entries: Entry[] = [];
    for (let at = to - 1; at >= from; at--) {
      const top = at === depth - 1;
      entries.push({
        asyncId: top ? this.#ids[this.#kExecutionAsyncId]! : stack[2 * at + 2]!,
        triggerAsyncId: top ? this.#ids[this.#kTriggerAsyncId]! : stack[2 * at + 3]!,
        resource: (this.#resources[at] as object | undefined) ?? this.#wrap.executionAsyncResource(at),
      });
    }
    return entries;
  }
}

/**
 * Leaves Node's stack alone. That is right as long as a greenlet leaves it as it found it, which the current id tells: but
 * for one scope, that of the very resource that is current already.
 */
class GuardedContext implements AsyncContext {
  readonly kind = 'guarded';
  readonly reason: string;
  readonly #slice: Slice = new Slice(new AsyncResource('GREENLET', { requireManualDestroy: true }));
  #asyncIdOfMain = 0;

  constructor(reason: string) {
    this.reason = reason;
  }

  createSlice(): Slice {
    return this.#slice;
  }

  readonly transfer = (leaving: Slice | null): void => {
    const asyncId = executionAsyncId();
    if (leaving === null) {
      this.#asyncIdOfMain = asyncId;
    } else if (asyncId !== this.#asyncIdOfMain) {
      throw new GreenletError(
        'ERR_GREENLET_ASYNC_SCOPE',
        'Cannot switch greenlets inside AsyncResource.runInAsyncScope(), AsyncResource.bind() or a native callback that this ' +
          `greenlet has entered, because Node's async stack cannot be carried along: ${this.reason}. Switch outside of it, ` +
          'or run Node.js with the inspector (no permission model, or --allow-inspector).',
      );
    }
  };

  // Not covered: only without an inspector, and only programs of their own are; theirs all end in time.
  discard(): void {}

  finish(): void {}

  runInSlice<T>(_slice: Slice | null, fn: () => T): T {
    return fn();
  }
}
