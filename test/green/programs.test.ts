// Servers as programs: how they end, very many connections, one hub for each thread.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { once, sleep, spawn } from 'greenlets';
import { fetch } from 'greenlets/http';
import { connect } from 'greenlets/net';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { fixture, runFixture } from '../helpers/run_fixture.js';
import { sized } from '../helpers/sizes.js';
import { thrownBy } from '../helpers/thrown_by.js';

/** Blocks until the program has printed this. */
function printed(output: { text: string }, child: ChildProcess, pattern: RegExp): RegExpExecArray {
  for (;;) {
    const found = pattern.exec(output.text);
    if (found !== null) return found;
    if (child.exitCode !== null) throw new Error(`it ended: ${output.text}`);
    sleep(2);
  }
}

describe('a program that gets SIGTERM', () => {
  it(
    'lets what goes on finish, takes nothing new, and ends with 0',
    inHub(() => {
      const child = fork(fixture('green/sigterm'), { silent: true });
      const output = { text: '' };
      child.stdout?.on('data', (text) => {
        output.text += text;
      });
      const exit = spawn(() => once(child, 'exit'));
      const [, http, echo] = printed(output, child, /^ports (\d+) (\d+)$/m);
      const answers = [1, 2].map((i) => spawn(() => fetch(`http://127.0.0.1:${http}/${i}`).text()));
      using talk = connect(Number(echo), '127.0.0.1');
      talk.write('one\n');
      expect(talk.readLine()).toBe('one');
      for (const pattern of [/began \/1/, /began \/2/]) printed(output, child, pattern);
      child.kill('SIGTERM');
      printed(output, child, /stopping/);
      talk.write('two\n');
      expect(talk.readLine()).toBe('two');
      expect(thrownBy(() => connect(Number(http), '127.0.0.1'))).toMatchObject({ code: 'ECONNREFUSED' });
      expect(answers.map((task) => task.get())).toEqual(['finished /1', 'finished /2']);
      talk.end();
      expect(talk.read()).toBe(null);
      expect(exit.get()).toEqual([0, null]);
      expect(output.text).toContain('stopped\n');
    }),
  );
});

describe('very many connections', { timeout: 240_000 }, () => {
  // Each takes a file descriptor in either process.
  const most = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).replace('unlimited', '1000000'));
  const wanted = sized(10_000, 1000);
  const count = Math.min(wanted, most - 200);

  it.each(['net', 'http'])('stay open in one process, and none is lost: %s', async (kind) => {
    const { code, stdout, stderr } = await runFixture('green/connections', [kind, String(count)], [], 200_000);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { bytesPerConnection, ...seen } = JSON.parse(stdout);
    expect(seen).toEqual({ connections: count, running: kind === 'net' ? count : 0, echoed: count, code: 0 });
    expect(bytesPerConnection).toBeGreaterThan(0);
    console.log(
      `${kind}: ${count} connections open at once, ${bytesPerConnection} bytes of the server each` +
        (count < wanted ? ` (not ${wanted}: \`ulimit -n\` is ${most})` : ''),
    );
  });
});

describe('Workers', () => {
  it(
    'serve with one hub each; when one is terminated, the other goes on',
    inHub(() => {
      const workers = [1, 2].map(() => new Worker(fixture('green/worker_server')));
      const said = workers.map((worker) => spawn(() => once(worker, 'message')[0] as number));
      const ports = said.map((task) => task.get());
      const ask = (port: number | undefined) => fetch(`http://127.0.0.1:${port}/`).text();
      const answers = [...ports, ...ports].map((port) => spawn(() => ask(port)));
      const threads = workers.map((worker) => `thread ${worker.threadId}`);
      expect(answers.map((task) => task.get())).toEqual([...threads, ...threads]);
      const [first, second] = workers as [Worker, Worker];
      const going = spawn(() => Array.from({ length: 20 }, () => ask(ports[1])));
      sleep(1);
      first.terminate();
      expect(once(first, 'exit')).toEqual([1]);
      expect(new Set(going.get())).toEqual(new Set([threads[1]]));
      expect(thrownBy(() => ask(ports[0]))).toBeInstanceOf(TypeError);
      second.postMessage('stop');
      expect(once(second, 'exit')).toEqual([0]);
    }),
  );
});
