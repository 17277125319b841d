#!/usr/bin/env node
// The command `greenlets app.js …`: as `node --import greenlets/register app.js …`, but for Node's own options.
import module from 'node:module';
import path from 'node:path';
import { run } from './hub/index.js';
import './register.js';

const [node, command, main, ...args] = process.argv as [string, string, string?, ...string[]];

if (main === undefined || main.startsWith('-')) {
  const known = main === '--help' || main === '-h';
  (known ? console.log : console.error)(
    `usage: ${path.basename(command)} <program.js> [arguments]\n\n` +
      "Runs a program in a greenlet task, where it may block: wait(), sleep(), …\nOptions of Node's own: " +
      'NODE_OPTIONS=… greenlets <program.js>, or node <options> --import greenlets/register <program.js>.',
  );
  if (!known) process.exitCode = 9;
} else {
  process.argv = [node, path.resolve(main), ...args];
  // A main module of CommonJS is run here and now; one of ES modules later, by way of Node's loader and register. (Async, so that an error
  // is the promise's, untouched, and not the task's.)
  run(async () => (module as unknown as { runMain(): void }).runMain()).catch((error) => {
    // As an error at the top level of a program.
    queueMicrotask(() => {
      throw error;
    });
  });
}
