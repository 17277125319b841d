// What runs in the threads of a ThreadPool: gets a function, calls it, and sends its result or its error. It loads nothing of the library.
// CommonJS, which the thread can load at once; its import() reaches modules of both kinds.
import Module = require('node:module');
import path = require('node:path');
import util = require('node:util');
import workerThreads = require('node:worker_threads');

import type { ErrorParts, Job, Reply, Thrown } from './thread_message.js' with { 'resolution-mode': 'import' };

type Transferable = import('node:worker_threads').Transferable;
type AnyFunction = (...args: readonly unknown[]) => unknown;

async function runJob(job: Job): Promise<void> {
  let reply: Reply;
  try {
    const fn = 'source' in job ? compiled(job.source) : await exported(job.url, job.name);
    reply = typeof fn === 'string' ? { missing: fn } : { value: await fn(...job.args) };
  } catch (error) {
    reply = { thrown: takenApart(error, 0) };
  }
  const transfer: Transferable[] = [];
  if (job.transferResult && 'value' in reply) findTransferable(reply.value, transfer, new Set());
  try {
    job.replyPort.postMessage(reply, transfer);
  } catch (error) {
    job.replyPort.postMessage({ thrown: takenApart(error, 0) } satisfies Reply);
  }
}

const functions: Map<string, AnyFunction> = new Map();

function compiled(source: string): AnyFunction {
  let fn = functions.get(source);
  if (fn === undefined) {
    fn = asModule(`module.exports = (${source}\n)`) as AnyFunction;
    functions.set(source, fn);
  }
  return fn;
}

interface Compilable {
  exports: unknown;
  _compile(content: string, filename: string): void;
}

/**
 * What a CommonJS module of this text exports, in the working folder: so its require() and its import() look where the program's would.
 * (A module's _compile() is not documented, but what every transpiler for require() calls.)
 */
function asModule(text: string): unknown {
  const filename = path.join(process.cwd(), 'function of a ThreadPool');
  const module = new Module(filename) as unknown as Compilable & { filename: string; paths: string[] };
  module.filename = filename;
  module.paths = (Module as unknown as { _nodeModulePaths(from: string): string[] })._nodeModulePaths(process.cwd());
  module._compile(text, filename);
  return module.exports;
}

/** The function, or why there is none. */
async function exported(url: string, name: string): Promise<AnyFunction | string> {
  const module = (await import(url)) as Record<string, any>;
  // What Node cannot see of a CommonJS module's exports from outside is in its default export.
  const fn: unknown = module[name] ?? module.default?.[name];
  if (typeof fn === 'function') return fn as AnyFunction;
  return `${url} exports ${fn === undefined ? 'nothing' : 'no function'} by the name of '${name}'`;
}

const deepest = 10;

function takenApart(thrown: unknown, depth: number): Thrown {
  if (!(thrown instanceof Error || util.types.isNativeError(thrown))) {
    return isCloneable(thrown) ? { value: thrown } : { value: util.inspect(thrown) };
  }
  const error = thrown as Error & { errors?: unknown };
  const properties: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(error)) if (isCloneable(value)) properties[key] = value;
  const nested = depth < deepest;
  return {
    error: {
      classes: classesOf(error),
      name: String(error.name),
      message: String(error.message),
      stack: typeof error.stack === 'string' ? error.stack : undefined,
      cause: nested && Object.hasOwn(error, 'cause') ? takenApart(error.cause, depth + 1) : undefined,
      errors:
        nested && error instanceof AggregateError
          ? error.errors.map((inner) => takenApart(inner, depth + 1))
          : undefined,
      properties,
    } satisfies ErrorParts,
  };
}

function classesOf(error: Error): string[] {
  const names: string[] = [];
  for (let object = Object.getPrototypeOf(error); object !== null; object = Object.getPrototypeOf(object)) {
    const name = Object.hasOwn(object, 'constructor') ? object.constructor?.name : undefined;
    if (typeof name === 'string' && name !== '' && name !== 'Object') names.push(name);
  }
  return names;
}

/** Errors have few properties, and small ones. */
function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function findTransferable(value: unknown, found: Transferable[], seen: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof ArrayBuffer || value instanceof workerThreads.MessagePort) found.push(value);
  else if (ArrayBuffer.isView(value)) {
    // A part of a buffer is copied: Node's small Buffers share one, which nobody may take away.
    if (value.byteLength === value.buffer.byteLength) findTransferable(value.buffer, found, seen);
  } else if (value instanceof Map) {
    for (const entry of value) findTransferable(entry, found, seen);
  } else if (Array.isArray(value) || value instanceof Set) {
    for (const item of value) findTransferable(item, found, seen);
  } else if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
    for (const item of Object.values(value)) findTransferable(item, found, seen);
  }
}

export = runJob;
