// What a switch carries of Node's async context: AsyncLocalStorage stores, async ids, execution resources. The checks themselves are in
// fixtures/core/async_context_facts.ts, since Node keeps stores in different ways, which flags choose between; each has to hold in all.
import { beforeAll, describe, expect, it } from 'vitest';
import { facts } from '../fixtures/core/async_context_facts.js';
import { runFixture } from '../helpers/run_fixture.js';

const ways: [string, string[]][] = [['as Node does by itself', []]];
for (const flag of ['--no-async-context-frame', '--experimental-async-context-frame']) {
  if (process.allowedNodeEnvironmentFlags.has(flag)) ways.push([`with ${flag}`, [flag]]);
}

describe.each(ways)('async context, kept %s', (_, flags) => {
  let outcome: { asyncContext?: string; results: Record<string, string> } = { results: {} };

  beforeAll(async () => {
    const { code, signal, stdout, stderr } = await runFixture('core/async_context_main', [], ['--expose-gc', ...flags]);
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    outcome = JSON.parse(stdout);
  });

  it('moves with each greenlet', () => {
    expect(outcome.asyncContext).toBe('moved');
  });

  it.each(Object.keys(facts))('%s', (name) => {
    expect(outcome.results[name]).toBe('holds');
  });
});
