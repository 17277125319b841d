// What lib/hub lends to the layers above it beyond its public names: of the first copy in the thread, as there. Not for users.
import { sharedLayer } from '../core/upper.js';
import * as own from './lent.js';
import type { Placed } from './line.js';

export type { Placed } from './line.js';
export type { Link, Linkable } from './links.js';
export type { RestOptions, WaitOptions } from './options.js';
export type { Intersection, Overloads } from './overloads.js';
export type { Parkable } from './parkable.js';
export type { Ready } from './scheduler.js';
export type { CapturedStack } from './spawning_stack.js';
export type { Waitable } from './waitable.js';

const lent: typeof own = sharedLayer('hub/lent', own);

/** For what can be waited for: a subclass says when it is ready, and tells those who wait. */
export const AbstractWaitable: typeof own.AbstractWaitable = lent.AbstractWaitable;
export type AbstractWaitable = own.AbstractWaitable;
/** A timer of any length. */
export const Alarm: typeof own.Alarm = lent.Alarm;
export type Alarm = own.Alarm;
/** A list of what comes and goes. */
export const Line: typeof own.Line = lent.Line;
export type Line<T extends Placed> = own.Line<T>;
export const Links: typeof own.Links = lent.Links;
export type Links = own.Links;
/** `rawlink()` and `unlink()` of what cannot extend AbstractWaitable. */
export const RawLinks: typeof own.RawLinks = lent.RawLinks;
export type RawLinks = own.RawLinks;
/** A queue of entries, first in, first out. */
export const Ring: typeof own.Ring = lent.Ring;
export type Ring<T> = own.Ring<T>;
/** The one way to block. */
export const Waiter: typeof own.Waiter = lent.Waiter;
export type Waiter = own.Waiter;
export const addLink: typeof own.addLink = lent.addLink;
export const blocksHub: typeof own.blocksHub = lent.blocksHub;
export const captureSpawningStack: typeof own.captureSpawningStack = lent.captureSpawningStack;
export const checkFunction: typeof own.checkFunction = lent.checkFunction;
export const checkMilliseconds: typeof own.checkMilliseconds = lent.checkMilliseconds;
export const checkOptions: typeof own.checkOptions = lent.checkOptions;
export const clearImmediate: typeof own.clearImmediate = lent.clearImmediate;
export const describe: typeof own.describe = lent.describe;
export const invalid: typeof own.invalid = lent.invalid;
export const isLinkable: typeof own.isLinkable = lent.isLinkable;
export const isThenable: typeof own.isThenable = lent.isThenable;
export const isWaitable: typeof own.isWaitable = lent.isWaitable;
export const linkCount: typeof own.linkCount = lent.linkCount;
export const locals: typeof own.locals = lent.locals;
export const notify: typeof own.notify = lent.notify;
export const now: typeof own.now = lent.now;
export const parkUntilTold: typeof own.parkUntilTold = lent.parkUntilTold;
export const removeLink: typeof own.removeLink = lent.removeLink;
export const resume: typeof own.resume = lent.resume;
export const scheduler: typeof own.scheduler = lent.scheduler;
export const setImmediate: typeof own.setImmediate = lent.setImmediate;
export const shareSpawningStack: typeof own.shareSpawningStack = lent.shareSpawningStack;
export const tell: typeof own.tell = lent.tell;
export const undo: typeof own.undo = lent.undo;
/** spawn() for the library's own tasks. */
export const spawnOwn: typeof own.spawnOwn = lent.spawnOwn;
