// Functions for other threads, which share no variables with this one: an export of a module, or a function that needs nothing but its
// arguments.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import vm from 'node:vm';
import { describe, invalid } from '../hub/upper.js';

/**
 * A function that a ThreadPool can call: an exported function of a module, made by `moduleFunction()`; or a function that is sent as its
 * source text, so that it can use its arguments and globals only, and no variable around it. It may be async.
 */
export type ThreadFunction<Args extends unknown[], Result> = ((...args: Args) => Result) | ModuleFunction<Args, Result>;

/** An exported function of a module: see `moduleFunction()`. */
export class ModuleFunction<Args extends unknown[] = any[], Result = unknown> {
  readonly url: string;
  readonly name: string;
  /** For the types alone: it has no value. */
  readonly signature?: (...args: Args) => Result;

  constructor(url: string | URL, name: string = 'default') {
    if (typeof name !== 'string') throw invalid(`moduleFunction() takes the name of an export, not ${describe(name)}.`);
    this.url = checkedUrl(url);
    this.name = name;
  }

  /** @internal */
  [inspect.custom](): string {
    return `<ModuleFunction '${this.name}' of ${this.url}>`;
  }
}

/**
 * An exported function of a module, for a ThreadPool: each thread imports the module once, and this thread never does. `name` is 'default'
 * unless it is given. `new URL('./module.js', import.meta.url)` names a module beside the caller.
 * @typeParam Fn the function's type: `typeof import('./module.js').name`.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `module` is neither a URL nor an absolute path.
 * @example
 * run(() => {
 *   using threads = new ThreadPool(1);
 *   const extname = moduleFunction<(path: string) => string>('node:path', 'extname');
 *   threads.apply(extname, ['picture.png']); // '.png'
 * });
 */
export function moduleFunction<Fn extends (...args: any[]) => unknown>(
  module: string | URL,
  name?: string,
): ModuleFunction<Parameters<Fn>, ReturnType<Fn>> {
  return new ModuleFunction(module, name);
}

function checkedUrl(module: unknown): string {
  if (module instanceof URL) return module.href;
  if (typeof module === 'string') {
    if (path.isAbsolute(module)) return pathToFileURL(module).href;
    if (URL.canParse(module)) return module;
  }
  throw invalid(
    `moduleFunction() takes a module's URL or absolute path, not ${describe(module)}. Of a module beside this one: ` +
      "new URL('./module.js', import.meta.url), or path.join(__dirname, 'module.js').",
  );
}

const sources: WeakMap<object, string> = new WeakMap();

/** What a thread needs to find the function. */
export function located(name: string, fn: unknown): { url: string; name: string } | { source: string } {
  if (fn instanceof ModuleFunction) return { url: fn.url, name: fn.name };
  if (typeof fn !== 'function') throw invalid(`${name} takes a function or a ModuleFunction, not ${describe(fn)}.`);
  let source = sources.get(fn);
  if (source === undefined) {
    source = Function.prototype.toString.call(fn);
    if (!isExpression(source)) {
      throw invalid(
        `${name} takes a function that can be sent as its source text, not ${describe(fn)}: a function expression or an arrow function ` +
          'that uses nothing but its arguments. Methods, bound and native functions cannot: see moduleFunction().',
      );
    }
    sources.set(fn, source);
  }
  return { source };
}

function isExpression(source: string): boolean {
  if (/^class\b/.test(source)) return false;
  try {
    new vm.Script(`(${source}\n)`);
    return true;
  } catch {
    return false;
  }
}
