// Lets ES modules that Node loads be evaluated in tasks, the program's main module above all: so that their top level may block. Not
// for what is evaluated there, nor for modules that are require()d, which run wherever that is called.
import { GreenletError, getCurrent } from '../core/index.js';
import { closureVariables } from '../core/upper.js';
import { hub, run, spawn } from '../hub/index.js';

/** Node's handle of a module, as far as it is used. Verified on Node 20.20, 22.23, 24.21, 26.10. */
interface ModuleWrap {
  readonly url: string;
  /** A v8::Module::Status. */
  getStatus(): number;
  /** Runs the module and those it imports that have not run yet. The promise is that of the module, with its top-level awaits. */
  evaluate(timeout: number, breakOnSigint: boolean): Promise<unknown>;
}

/** v8::Module::kEvaluating: its top level has begun and not ended. V8 aborts the process when it is to be evaluated once more then. */
const evaluating = 3;

/** Of the modules whose evaluation was begun here: how it ends. */
const evaluations = new WeakMap<ModuleWrap, Promise<unknown>>();
/** How many evaluations have begun, and their synchronous part is not over. */
let unfinished = 0;

const patched: unique symbol = Symbol.for('greenlets.evaluatesInTasks') as never;

/**
 * From here on, modules whose evaluation the event loop begins are evaluated in main tasks. A main module of CommonJS is one of them:
 * with `--import` Node loads that as a module, too.
 * @throws GreenletError ERR_GREENLET_UNSUPPORTED where Node's loader is not to be had.
 */
export function evaluateModulesInTasks(): void {
  const prototype = moduleWrapPrototype();
  // Not covered: a second copy of the package.
  if (patched in prototype) return;
  const { evaluate } = prototype;
  prototype.evaluate = function (this: ModuleWrap, timeout: number, breakOnSigint: boolean): Promise<unknown> {
    const isOnHub = getCurrent().parent === null;
    // The modules of Node itself are evaluated on the way, and have to be there at once.
    if (!isOnHub || this.url.startsWith('node:')) return evaluate.call(this, timeout, breakOnSigint);
    return evaluateInTask(this, () => evaluate.call(this, timeout, breakOnSigint));
  };
  Object.defineProperty(prototype, patched, { value: true });
}

function evaluateInTask(wrap: ModuleWrap, evaluate: () => Promise<unknown>): Promise<unknown> {
  const known = evaluations.get(wrap);
  if (known !== undefined) return known;
  // Async, so that an error is the promise's, untouched, and not the task's.
  const evaluation = run(async () => {
    if (wrap.getStatus() === evaluating) return whenEvaluated(wrap, evaluate);
    unfinished++;
    try {
      return evaluate();
    } finally {
      unfinished--;
    }
  });
  evaluations.set(wrap, evaluation);
  return evaluation;
}

/**
 * For a module that is parked at its top level already, on behalf of another one that imports it. Nobody says when that is over, so look
 * now and then; and when the event loop has nothing left to do. A module that waits for an import of itself waits for ever.
 */
function whenEvaluated(wrap: ModuleWrap, evaluate: () => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    const look = () => {
      if (wrap.getStatus() !== evaluating) resolve(evaluate());
      // It imports a module that was parked at the time: V8 takes the two for a cycle for good. It has run. Not covered: whether V8
      // does so depends on which of the two ends first.
      else if (unfinished === 0) resolve(undefined);
      else return;
      clearInterval(timer);
      atLoopEnd.kill(undefined, { block: false });
    };
    const timer = setInterval(look, 5).unref();
    const atLoopEnd = spawn(() => {
      hub.join();
      look();
    });
  });
}

function moduleWrapPrototype(): ModuleWrap & { [patched]?: true } {
  try {
    const { _linkedBinding } = process as unknown as { _linkedBinding: (name: string) => unknown };
    const { ModuleWrap } = closureVariables(_linkedBinding, ['ModuleWrap']) as {
      ModuleWrap: { prototype?: ModuleWrap };
    };
    const { prototype } = ModuleWrap;
    if (typeof prototype?.evaluate === 'function' && typeof prototype.getStatus === 'function') return prototype;
    // Not covered: a Node.js that nobody has seen.
    throw new Error('Node.js has changed: its modules have no evaluate()');
  } catch (error) {
    throw new GreenletError(
      'ERR_GREENLET_UNSUPPORTED',
      `greenlets/register cannot run the main module in a task, because ${(error as Error).message}. ` +
        'Load the program without it, and call its main function in a task: run(() => { … }).',
      { cause: error },
    );
  }
}
