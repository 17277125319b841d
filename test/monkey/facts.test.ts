// Where a patched function must not wait although a task runs; and pipes, which may never have anything to read.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture, runFixture, runNode } from '../helpers/run_fixture.js';

async function fact(name: string, ...flags: string[]): Promise<unknown> {
  const { code, signal, stdout, stderr } = await runFixture('monkey/facts', [name], flags);
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

describe('in a task, a patched function', () => {
  it('is the original for the loader of CommonJS modules, not for the modules', async () => {
    expect(await fact('require')).toEqual({ loading: 0, second: { whole: true }, own: true, after: true });
  });

  it('is the original for Node where it reads the source map of a module', async () => {
    expect(await fact('sourceMap', '--enable-source-maps')).toEqual({ loading: 0, second: { whole: true } });
  });

  it('is the original for hooks that read and compile modules', async () => {
    expect(await fact('hook')).toEqual({ loading: 0, value: 2 });
  });

  it('is the original inside Error.prepareStackTrace()', async () => {
    expect(await fact('prepareStackTrace')).toEqual({ stack: 'prepared', formatting: 0, outside: true });
  });

  it("is the original for listeners of process's 'exit'", async () => {
    expect(await fact('exit')).toEqual({ others: 0, written: 'written' });
  });
});

describe('a read from a pipe', () => {
  it("can be killed, takes nobody else's data, and does not hold up process.exit()", async () => {
    expect(await fact('pipe')).toEqual({ text: 'hello' });
  });

  it.each(['descriptor', 'path', 'socket'])('lets others run until the end of stdin: %s', async (how) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-stdin-'));
    const sign = path.join(folder, 'others-have-run');
    const args = [fixture('monkey/facts'), 'stdin', how, sign];
    // A shell makes a pipe of it; Node gives its children sockets.
    const child =
      how === 'socket'
        ? spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
        : spawn('sh', ['-c', 'cat | exec "$0" "$@"', process.execPath, ...args], {
            stdio: ['pipe', 'pipe', 'inherit'],
          });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stdin.write('one ');
    while (!existsSync(sign)) await new Promise((resolve) => setTimeout(resolve, 5));
    child.stdin.end('two');
    await new Promise((resolve) => child.on('close', resolve));
    expect(JSON.parse(stdout)).toEqual({ text: 'one two', others: true });
    rmSync(folder, { recursive: true });
  });
});

describe('patched late', () => {
  const warned = async (earlier: string): Promise<string> => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-late-'));
    try {
      mkdirSync(path.join(folder, 'node_modules'));
      symlinkSync(path.join(import.meta.dirname, '..', '..'), path.join(folder, 'node_modules', 'greenlets'));
      writeFileSync(path.join(folder, 'earlier.cjs'), earlier);
      const main = "require('./earlier.cjs'); require('greenlets/monkey').patchAll(); console.log('done');";
      writeFileSync(path.join(folder, 'main.cjs'), main);
      const { stdout, stderr } = await runNode(['main.cjs'], folder);
      expect(stdout).toBe('done\n');
      return stderr;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it.each([
    "const { existsSync, readFileSync } = require('node:fs');",
    "const fs = require('fs');\nconst read = fs.readFileSync;",
    "const zlib = require('zlib');\nmodule.exports = { a: 1 };\nconst { gzipSync: zip } = zlib;",
  ])('warns of a module that has copied an original: %s', async (code) => {
    const stderr = await warned(code);
    expect(stderr).toContain('[GREENLET_PATCHED_LATE] GreenletWarning');
    expect(stderr).toContain('earlier.cjs');
    expect(stderr.match(/GREENLET_PATCHED_LATE/g)).toHaveLength(1);
  });

  it.each([
    "const fs = require('fs');\nexports.read = () => fs.readFileSync('a');",
    "const text = require('fs').readFileSync(__filename, 'utf8');",
    "const { readFile } = require('fs');",
  ])('does not warn of one that has not: %s', async (code) => {
    expect(await warned(code)).toBe('');
  });
});
