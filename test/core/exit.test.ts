// The end of a process or a Worker with greenlets parked: they are dropped without running any code, and nothing crashes or hangs.
import { describe, expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

// How it ends, and the exit code (of the process; that of the Worker is printed).
const ways: [string, number][] = [
  ['returns', 0],
  ['process.exit', 7],
  ['process.exit in a greenlet', 7],
  ['process.exit in a native frame of a greenlet', 7],
  ['process.exitCode', 7],
  ['uncaught error', 1],
  ['uncaught error in a greenlet', 1],
  ['unhandled rejection', 1],
  ['exit listener that switches', 0],
  ['beforeExit listener that switches', 0],
];

describe.each([
  ['process', []],
  ['Worker', ['in a worker']],
])('a %s that ends with parked greenlets', (kind, args) => {
  it.each(ways)('by way of: %s', async (way, exitCode) => {
    const { code, signal, stdout, stderr } = await runFixture('core/exit', [way, ...args]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).not.toContain('finally');
    expect(lines[0]).toBe('parked');
    if (way.endsWith('listener that switches')) expect(lines[1]).toBe('switched in the listener');
    if (way.startsWith('un')) expect(stderr).toContain('as it should');
    else expect(stderr).toBe('');
    if (kind === 'Worker') {
      expect(lines.at(-1)).toBe(`worker ended with ${exitCode}`);
      expect({ code, signal }).toEqual({ code: 0, signal: null });
    } else {
      expect({ code, signal }).toEqual({ code: exitCode, signal: null });
    }
  });
});

describe('worker.terminate()', () => {
  it.each(['while it idles', 'while main runs', 'while a greenlet runs', 'while greenlets switch'])(
    'ends a Worker with parked greenlets %s',
    async (way) => {
      const { code, signal, stdout, stderr } = await runFixture('core/terminate', [way]);
      expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
      expect(stdout).toBe('terminated with 1\nterminated with 1\nterminated with 1\n');
    },
  );
});
