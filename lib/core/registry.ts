// What makes several copies of this package in one thread one library: two installs, the ES-module and the CommonJS build, a test
// runner's second module registry. Each stack has to be known to whoever switches, so the first copy serves all.
import asyncHooks from 'node:async_hooks';
import { GreenletError } from './errors.js';

/** What the first copy lends to later ones. `protocol` changes when the other members' meaning does. */
interface Registry {
  readonly protocol: number;
  readonly binding: unknown;
  /** What each layer of the library shares, by its name. */
  readonly layers: Map<string, unknown>;
}

const protocol = 3;
const key: unique symbol = Symbol.for('greenlets.registry') as never;

// The module object of a Node built-in: unlike globalThis and process, test runners and vm contexts do not copy it.
const home = asyncHooks as typeof asyncHooks & { [key]?: Registry };

/** True in the copy that serves all others. */
export const isFirstCopy: boolean = home[key] === undefined;

function registry(): Registry {
  const found = home[key];
  if (found === undefined) throw new Error('the registry is read before the addon is loaded');
  if (found.protocol !== protocol) {
    throw new GreenletError(
      'ERR_GREENLET_UNSUPPORTED',
      `Another copy of greenlets, which shares nothing with this one (protocol ${found.protocol}, this one has ${protocol}), ` +
        'is loaded in this thread. Two of them would each believe that they know which stack runs. ' +
        'Run `npm ls greenlets` and make all packages depend on one version (`npm dedupe`, or "overrides" in package.json).',
    );
  }
  return found;
}

/** The addon's verbs: loaded by the first copy, shared with the others. */
export function sharedBinding(load: () => unknown): unknown {
  if (isFirstCopy) {
    Object.defineProperty(home, key, { value: { protocol, binding: load(), layers: new Map() } satisfies Registry });
  }
  return registry().binding;
}

/** What the first copy that has loaded this layer shares of it, whichever copy asks: a thread has one hub, and one class Event. */
export function sharedLayer<Layer>(name: string, own: Layer): Layer {
  const { layers } = registry();
  if (!layers.has(name)) layers.set(name, own);
  return layers.get(name) as Layer;
}
