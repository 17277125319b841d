// Gets hold of the arrays in which Node keeps its async stack (async ids and execution resources), by public API alone, and
// proves that they are what they seem. Not for what a switch does with them: that is async_context.ts.

import { AsyncResource, executionAsyncId, executionAsyncResource, triggerAsyncId } from 'node:async_hooks';
import { types } from 'node:util';
import { closureVariables } from './closure_variables.js';

/**
 * Node's own async stack, live: each thread (main or Worker) has one.
 *
 * An entry's ids are the current ones while it is on top; pushing another entry saves them in `wrap.async_ids_stack`, two
 * numbers an entry. Entry i's resource is `resources[i]` when JavaScript pushed it; one that C++ pushed leaves a hole there
 * and has its resource on the native side. Verified on Node 20.20, 22.23, 24.21, 26.10.
 */
export interface AsyncInternals {
  /** Counters, at the indices of `index`: the stack's depth, and how many async hooks of each kind are on. */
  readonly fields: Uint32Array;
  /** The current entry's ids, at the indices of `index`. */
  readonly ids: Float64Array;
  readonly resources: unknown[];
  readonly wrap: AsyncWrap;
  readonly index: AsyncIndices;
  /** What executionAsyncResource() returns while the stack is empty. */
  readonly topLevelResource: object;
  /** Calls the `before` callbacks of every async hook. */
  readonly emitBefore: (asyncId: number) => void;
  /** Calls the `after` callbacks of every async hook. */
  readonly emitAfter: (asyncId: number) => void;
}

/** The part of Node's async_wrap binding that is used. */
export interface AsyncWrap {
  /** Read it anew each time: the native side replaces it when the stack outgrows it. */
  readonly async_ids_stack: Float64Array;
  /** Leaves the resource to the caller. Grows async_ids_stack as needed. */
  pushAsyncContext(asyncId: number, triggerAsyncId: number): void;
  /** Forgets the native resource too. Ends the process when `asyncId` is not the current one. */
  popAsyncContext(asyncId: number): boolean;
  /** The resource of an entry that C++ pushed. */
  executionAsyncResource(index: number): object | undefined;
}

export interface AsyncIndices {
  readonly kBefore: number;
  readonly kAfter: number;
  readonly kStackLength: number;
  readonly kExecutionAsyncId: number;
  readonly kTriggerAsyncId: number;
  readonly kDefaultTriggerAsyncId: number;
}

/** Why the arrays are not to be had, as the end of a sentence. */
export interface Unavailable {
  readonly reason: string;
}

/**
 * Takes about 3 milliseconds; once a thread is enough. Leaves nothing behind: the inspector session is closed whatever
 * happens, and a debugger that is attached besides goes on undisturbed.
 */
export function openAsyncInternals(): AsyncInternals | Unavailable {
  try {
    return verify(closureVariables(executionAsyncId, variableNames) as Variables);
  } catch (error) {
    return { reason: (error as Error).message.replace(/\.\s*$/, '') };
  }
}

/** Variables of Node's lib/internal/async_hooks.js. */
const variableNames = [
  'async_hook_fields',
  'async_id_fields',
  'execution_async_resources',
  'async_wrap',
  'emitBeforeNative',
  'emitAfterNative',
] as const;

type Variables = Record<(typeof variableNames)[number], unknown>;

/** Checks each fact that AsyncInternals states, by experiments that leave everything as it was. */
function verify(variables: Variables): AsyncInternals {
  const {
    async_hook_fields: fields,
    async_id_fields: ids,
    execution_async_resources: resources,
    async_wrap: candidate,
    emitBeforeNative: emitBefore,
    emitAfterNative: emitAfter,
  } = variables;
  expect(types.isUint32Array(fields), 'async_hook_fields is no Uint32Array');
  expect(types.isFloat64Array(ids), 'async_id_fields is no Float64Array');
  expect(Array.isArray(resources), 'execution_async_resources is no array');
  expect(isFunction(emitBefore) && isFunction(emitAfter), 'the hook emitters are no functions');
  const wrap = candidate as AsyncWrap & { readonly constants?: AsyncIndices };
  expect(types.isFloat64Array(wrap.async_ids_stack), 'async_ids_stack is no Float64Array');
  for (const name of ['pushAsyncContext', 'popAsyncContext', 'executionAsyncResource'] as const) {
    expect(isFunction(wrap[name]), `${name} is no function`);
  }
  const index = wrap.constants;
  expect(index !== undefined, 'async_wrap has no constants');
  for (const name of ['kBefore', 'kAfter', 'kStackLength'] as const) {
    expect(fields[index[name]] !== undefined, `${name} is not in async_hook_fields`);
  }
  for (const name of ['kExecutionAsyncId', 'kTriggerAsyncId', 'kDefaultTriggerAsyncId'] as const) {
    expect(ids[index[name]] !== undefined, `${name} is not in async_id_fields`);
  }
  const { kBefore, kAfter, kStackLength, kExecutionAsyncId, kTriggerAsyncId, kDefaultTriggerAsyncId } = index;

  verifyPushAndPop(fields, ids, resources, wrap, index);
  verifyDefaultTrigger(ids, kDefaultTriggerAsyncId);
  return {
    fields,
    ids,
    resources,
    wrap,
    index: { kBefore, kAfter, kStackLength, kExecutionAsyncId, kTriggerAsyncId, kDefaultTriggerAsyncId },
    topLevelResource: resourceAtDepth(0, fields, kStackLength),
    emitBefore,
    emitAfter,
  };
}

function verifyPushAndPop(
  fields: Uint32Array,
  ids: Float64Array,
  resources: unknown[],
  wrap: AsyncWrap,
  { kStackLength, kExecutionAsyncId, kTriggerAsyncId }: AsyncIndices,
): void {
  const depth = fields[kStackLength]!;
  const [asyncIdBefore, triggerBefore] = [executionAsyncId(), triggerAsyncId()];
  expect(ids[kExecutionAsyncId] === asyncIdBefore, 'kExecutionAsyncId is not where the current id is');
  expect(ids[kTriggerAsyncId] === triggerBefore, 'kTriggerAsyncId is not where the current trigger id is');
  const fieldsBefore = Array.from(fields);
  const idsBefore = Array.from(ids);
  const resource = {};
  // No entry of Node's own has such ids.
  const [asyncId, trigger] = [2 ** 52 + 1, 2 ** 52 + 2];

  wrap.pushAsyncContext(asyncId, trigger);
  // Popping with a wrong id would end the process.
  expect(executionAsyncId() === asyncId && triggerAsyncId() === trigger, 'pushAsyncContext does not set the ids');
  try {
    expect(changedOnly(fields, fieldsBefore, { [kStackLength]: depth + 1 }), 'a push does more than raise the depth');
    expect(
      changedOnly(ids, idsBefore, { [kExecutionAsyncId]: asyncId, [kTriggerAsyncId]: trigger }),
      'a push does more than set the ids',
    );
    const stack = wrap.async_ids_stack;
    expect(
      stack[2 * depth] === asyncIdBefore && stack[2 * depth + 1] === triggerBefore,
      'a push does not save the ids in async_ids_stack',
    );
    resources[depth] = resource;
    expect(resourceAtDepth(depth + 1, fields, kStackLength) === resource, 'the resources are not in their array');
  } finally {
    wrap.popAsyncContext(asyncId);
  }
  expect(changedOnly(fields, fieldsBefore, {}), 'a pop does not restore the depth');
  expect(changedOnly(ids, idsBefore, {}), 'a pop does not restore the ids');
  expect(resources.length <= depth, 'a pop does not remove the resource');
}

function verifyDefaultTrigger(ids: Float64Array, kDefaultTriggerAsyncId: number): void {
  const before = ids[kDefaultTriggerAsyncId]!;
  const trigger = executionAsyncId() + 1;
  ids[kDefaultTriggerAsyncId] = trigger;
  try {
    const probe = new AsyncResource('GREENLETPROBE', { requireManualDestroy: true });
    probe.emitDestroy();
    expect(probe.triggerAsyncId() === trigger, 'kDefaultTriggerAsyncId is not where the default trigger id is');
  } finally {
    ids[kDefaultTriggerAsyncId] = before;
  }
}

/** What executionAsyncResource() would return at `depth`. */
function resourceAtDepth(depth: number, fields: Uint32Array, kStackLength: number): object {
  // All of them, because the call also sets a flag that makes callbacks slower from then on.
  const before = Array.from(fields);
  fields[kStackLength] = depth;
  try {
    return executionAsyncResource();
  } finally {
    fields.set(before);
  }
}

function changedOnly(now: ArrayLike<number>, before: number[], changes: Record<number, number>): boolean {
  return before.every((value, i) => now[i] === (changes[i] ?? value));
}

function isFunction(value: unknown): value is (...args: unknown[]) => void {
  return typeof value === 'function';
}

function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(`Node.js has changed: ${otherwise}`);
}
