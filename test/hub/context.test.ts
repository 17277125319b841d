// What tasks keep of Node's async context. The checks themselves are in fixtures/hub/context_facts.ts, since Node keeps stores in
// different ways, which flags choose between; each has to hold in all.
import { beforeAll, describe, expect, it } from 'vitest';
import { facts } from '../fixtures/hub/context_facts.js';
import { runFixture } from '../helpers/run_fixture.js';

const ways: [string, string[]][] = [['as Node does by itself', []]];
for (const flag of ['--no-async-context-frame', '--experimental-async-context-frame']) {
  if (process.allowedNodeEnvironmentFlags.has(flag)) ways.push([`with ${flag}`, [flag]]);
}

describe.each(ways)('the async context of tasks, kept %s', (_, flags) => {
  let outcome: { asyncContext?: string; results: Record<string, string> } = { results: {} };

  beforeAll(async () => {
    const { code, signal, stdout, stderr } = await runFixture('hub/context_main', [], flags);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    outcome = JSON.parse(stdout);
  });

  it.each(Object.keys(facts))('%s', (name) => {
    expect(outcome.results[name]).toBe('holds');
  });
});
