// What memory this process takes, from /proc. Runs under Node.js 14 too.
import { readFileSync } from 'node:fs';

/** In bytes. */
export interface Memory {
  /** In physical memory, of all that the process has mapped. */
  readonly resident: number;
  /** Objects of JavaScript, dead ones excepted if garbage was collected just now. */
  readonly jsHeap: number;
  /** Of `resident`: what malloc has from the system, as far as it lies in the process's heap. */
  readonly malloc: number;
  /** The kernel's tables of the process's pages. Not part of `resident`. */
  readonly pageTables: number;
}

export function readMemory(): Memory {
  const maps = readFileSync('/proc/self/smaps', 'utf8');
  let resident = 0;
  let malloc = 0;
  let inHeap = false;
  for (const line of maps.split('\n')) {
    if (/^[\da-f]+-/.test(line)) inHeap = line.endsWith('[heap]');
    else if (line.startsWith('Rss:')) {
      const bytes = kilobytes(line);
      resident += bytes;
      if (inHeap) malloc += bytes;
    }
  }
  const pageTables = kilobytes(/^VmPTE:.*$/m.exec(readFileSync('/proc/self/status', 'utf8'))![0]);
  return { resident, jsHeap: process.memoryUsage().heapUsed, malloc, pageTables };
}

/** What the machine still has for programs, in bytes. */
export function availableMemory(): number {
  return kilobytes(/^MemAvailable:.*$/m.exec(readFileSync('/proc/meminfo', 'utf8'))![0]);
}

/** 'Rss:   12 kB' in bytes. */
function kilobytes(line: string): number {
  return Number(/(\d+) kB/.exec(line)![1]) * 1024;
}
