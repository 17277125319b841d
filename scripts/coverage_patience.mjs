// @ts-check
// In vitest's own process of `npm run coverage`: it gives a test file's process half a second to end, which is too short for writing what was
// counted. Then a part of a file is there, or nothing.
import { ChildProcess } from 'node:child_process';

const patience = 60_000;
const { kill } = ChildProcess.prototype;

/** @param {NodeJS.Signals | number} [signal] */
ChildProcess.prototype.kill = function (signal) {
  if (signal !== 'SIGKILL') return kill.call(this, signal);
  setTimeout(() => kill.call(this, signal), patience).unref();
  return true;
};
