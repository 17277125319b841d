// Two tasks take turns: each stops in the middle of its function and goes on from there. The first example to read.
import assert from 'node:assert/strict';
import { Greenlet } from 'greenlets/core';

const said: string[] = [];

function say(words: string): void {
  said.push(words);
  console.log(`  ${words}`);
}

const ping = new Greenlet(() => {
  say('ping: starts');
  pong.switch(); // stops here, until somebody switches back
  say('ping: goes on where it stopped, and ends');
});

const pong = new Greenlet(() => {
  try {
    say('pong: starts');
    ping.switch();
    say('pong: never gets here');
  } finally {
    say('pong: is ended, and cleans up');
  }
});

say('main: creating a greenlet runs nothing; switching to it does');
ping.switch();
say('main: ping is dead, so its parent goes on; pong waits in its switch()');
pong.kill();

assert.deepEqual([ping.dead, pong.dead], [true, true]);
assert.deepEqual(
  said.map((words) => words.slice(0, words.indexOf(':'))),
  ['main', 'ping', 'pong', 'ping', 'main', 'pong'],
);

/** One line for the demo's summary. */
export const conclusion = 'two functions took turns, each stopped in the middle';
