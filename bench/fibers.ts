// The npm package fibers, typed as far as the contenders use it. Needs FIBERS_FOLDER, the folder of the package. Under Node.js 14.
import { createRequire } from 'node:module';

export interface Fiber {
  run(value?: unknown): any;
}

export interface FiberConstructor {
  new (body: (...args: any[]) => unknown): Fiber;
  yield(value?: unknown): any;
}

export const Fiber: FiberConstructor = createRequire(import.meta.url)(process.env.FIBERS_FOLDER ?? 'fibers');
