// What a measurement's figures depend on, to stand beside them.
import os from 'node:os';
import { stats } from 'greenlets/core';

export interface Machine {
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly system: string;
  /** The way that a greenlet's switch takes through V8. */
  readonly engine: string;
  readonly date: string;
}

export function describeMachine(): Machine {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    cpu: `${os.cpus()[0]?.model ?? 'unknown'}, ${os.cpus().length} cores`,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    engine: stats().engine,
    date: new Date().toISOString(),
  };
}

/** The machine in one line. */
export function machineLine({ node, v8, cpu, system, engine }: Machine): string {
  return `Node.js ${node} (V8 ${v8}), ${cpu}, ${system}; engine: ${engine}`;
}
