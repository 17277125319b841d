// What is told about patching, before and after, to whoever wants to watch it, leave functions out, or forbid it.
import { EventEmitter } from 'node:events';
import type { PatchableModule } from './modules.js';

/** Before or after something is patched. Its veto counts before. */
export class PatchEvent {
  #isVetoed = false;

  /** Nothing is to be patched. gevent's DoNotPatch. */
  veto(): void {
    this.#isVetoed = true;
  }

  get isVetoed(): boolean {
    return this.#isVetoed;
  }
}

/** 'willPatchAll' and 'didPatchAll'. */
export class PatchAllEvent extends PatchEvent {
  /** Those that are to be patched, or were asked for. A listener of 'willPatchAll' may take some out. */
  readonly modules: Set<PatchableModule>;

  /** @internal */
  constructor(modules: Set<PatchableModule>) {
    super();
    this.modules = modules;
  }
}

/** 'willPatchModule' and 'didPatchModule'. */
export class PatchModuleEvent extends PatchEvent {
  readonly module: PatchableModule;
  /** The names of its functions that are to be patched, or have been. A listener of 'willPatchModule' may take some out. */
  readonly functions: Set<string>;

  /** @internal */
  constructor(module: PatchableModule, functions: Set<string>) {
    super();
    this.module = module;
    this.functions = functions;
  }
}

/** The events, and what their listeners are given. */
export interface PatchEvents {
  willPatchAll: [event: PatchAllEvent];
  didPatchAll: [event: PatchAllEvent];
  willPatchModule: [event: PatchModuleEvent];
  didPatchModule: [event: PatchModuleEvent];
}

/**
 * Tells what is patched: 'willPatchAll', 'willPatchModule', 'didPatchModule', 'didPatchAll'. Listeners are called on the spot. One of a
 * 'will' event may take names out of the event's set, or call its `veto()`.
 * @example
 * events.once('willPatchModule', (event) => event.functions.delete('existsSync'));
 * patchFs(); // true
 * isFunctionPatched('fs', 'existsSync'); // false
 * events.once('willPatchModule', (event) => event.veto());
 * patchZlib(); // false
 */
export const events: EventEmitter<PatchEvents> = new EventEmitter<PatchEvents>();
