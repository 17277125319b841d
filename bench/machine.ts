// What a measurement's figures depend on, to stand beside them.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { stats } from 'greenlets/core';

export interface Machine {
  readonly node: string;
  readonly v8: string;
  readonly cpu: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly system: string;
  /** How the processor's clock is set; null where the system does not say. */
  readonly governor: string | null;
  /** How many mappings of memory a process may have. */
  readonly maxMapCount: number;
  /** The way that a greenlet's switch takes through V8. */
  readonly engine: string;
  /** How many processors other programs kept busy before the first round. */
  readonly busy: number;
  /** Of the last minute, as the system counts it. */
  readonly load: number;
  readonly date: string;
}

export function describeMachine(): Machine {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    memory: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    governor: readIfThere('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    maxMapCount: Number(readIfThere('/proc/sys/vm/max_map_count')),
    engine: stats().engine,
    busy: measureBusy(),
    load: os.loadavg()[0]!,
    date: new Date().toISOString(),
  };
}

/** The machine in one line. */
export function machineLine({ node, v8, cpu, cores, memory, system, governor, engine }: Machine): string {
  const clock = governor === null ? '' : `, governor ${governor}`;
  const gibibytes = Math.round(memory / 2 ** 30);
  return `Node.js ${node} (V8 ${v8}), ${cpu}, ${cores} cores${clock}, ${gibibytes} GiB, ${system}; engine: ${engine}`;
}

/** A sentence for whoever reads the figures, where other programs were at work. */
export function warningOf({ busy, cores }: Machine): string | null {
  if (busy < 0.1) return null;
  return `Other programs kept ${busy.toFixed(1)} of ${cores} processors busy when this began: the figures are worse than they would be, and spread.`;
}

// The load average would count what this program itself did a moment ago.
function measureBusy(): number {
  const before = processorTimes();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  const after = processorTimes();
  return ((after.busy - before.busy) / (after.all - before.all)) * os.cpus().length;
}

function processorTimes(): { busy: number; all: number } {
  let busy = 0;
  let all = 0;
  for (const { times } of os.cpus()) {
    const sum = times.user + times.nice + times.sys + times.irq + times.idle;
    busy += sum - times.idle;
    all += sum;
  }
  return { busy, all };
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}
