// BlockingSwitchOutError: what it says where.
import { describe, expect, it } from 'vitest';
import { runFixture } from '../helpers/run_fixture.js';

const advice = {
  'the top level': ['node --import greenlets/register app.js', 'run(() => { … })'],
  'a promise job': ['await', 'await spawn(() => { … }).promise'],
  'an event callback': ["emitter.on('event', inTask((argument) => { … }))", 'spawn(() => { … })'],
};

const places: [keyof typeof advice, string[]][] = [
  ['the top level', ['topLevel', 'asyncBeforeAwait']],
  ['a promise job', ['then', 'await', 'awaitInCallback', 'afterIo']],
  ['an event callback', ['timer', 'immediate', 'tick', 'file', 'emitter', 'server', 'exit']],
];

describe.each(places)('blocking at %s says what is meant for that', (place, names) => {
  it.each(
    names.flatMap((name) => [
      [name, ''],
      [name, 'hooks'],
      [name, 'storage'],
    ]),
  )('%s %s', async (name, hooks) => {
    const { code, stdout, stderr } = await runFixture('hub/place', [name, hooks]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [errorCode, message] = JSON.parse(stdout) as [string, string];
    expect(errorCode).toBe('ERR_GREENLET_BLOCKS_HUB');
    expect(message).toMatch(/^sleep\(\) was called /);
    for (const [other, texts] of Object.entries(advice)) {
      for (const text of texts) {
        if (other === place) expect(message).toContain(text);
        else if (text !== 'await' && text !== 'spawn(() => { … })') expect(message).not.toContain(text);
      }
    }
  });
});
