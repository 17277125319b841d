// Tells the loader of CommonJS modules from the modules that it runs: what the loader reads, it reads with the originals. Otherwise
// two tasks could load a module at the same time, and the second one would be given the half of it. Not for ES modules, whose loader does
// not use the public functions.
import Module from 'node:module';
import { withOriginals } from './cooperates.js';

/** Two methods that other tools replace, too. Verified on Node 20.20, 22.23, 24.21, 26.10. */
interface Loader {
  /** Finds the function for the kind of file, which reads the file, and runs _compile(). */
  load(...args: unknown[]): unknown;
  /** Runs the module's code. */
  _compile(...args: unknown[]): unknown;
}

let isWatched = false;

export function watchModuleLoading(): void {
  if (isWatched) return;
  isWatched = true;
  const loader = Module.prototype as unknown as Loader;
  const { load, _compile: compile } = loader;
  loader.load = function (...args): unknown {
    return withOriginals(() => load.apply(this, args));
  };
  loader._compile = function (...args): unknown {
    return withOriginals(() => compile.apply(this, args), false);
  };
}
