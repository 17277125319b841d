// Runs measuring programs, each in a fresh process, in interleaved rounds. For every question in bench/<question>; knows
// nothing of what is measured, nor in which unit.
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';

/** The repository. */
export const root: string = path.join(import.meta.dirname, '..', '..');

/** A program that prints one number and ends. */
export interface Case {
  /** For the progress on stderr. */
  readonly name: string;
  /** The compiled program's file. */
  readonly program: string;
  readonly args: readonly string[];
  /** Node options that it needs beside those of this process. */
  readonly nodeOptions?: readonly string[];
}

/**
 * Runs every case once a round, in a process of its own under this process's Node options, and returns each case's numbers in
 * the order of the cases. What drifts on the machine meanwhile falls on all cases alike: they take turns, every other round
 * backwards.
 */
export function runRounds(cases: readonly Case[], rounds: number): number[][] {
  warnOfLoad();
  const numbers = cases.map((): number[] => []);
  const started = performance.now();
  let runs = 0;
  for (let round = 1; round <= rounds; round++) {
    const order = [...cases.keys()];
    if (round % 2 === 0) order.reverse();
    for (const i of order) {
      const left = runs === 0 ? '' : `, about ${secondsLeft(started, runs, cases.length * rounds)} s left`;
      progress(`round ${round} of ${rounds}${left}: ${cases[i]!.name}`, i === order[0]);
      numbers[i]!.push(runOnce(cases[i]!));
      runs++;
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return numbers;
}

function runOnce({ name, program, args, nodeOptions = [] }: Case): number {
  const printed = execFileSync(process.execPath, [...process.execArgv, ...nodeOptions, program, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const number = Number(printed);
  if (printed.trim() === '' || !Number.isFinite(number)) {
    throw new Error(`${name} did not print a number but: ${printed}`);
  }
  return number;
}

function warnOfLoad(): void {
  const load = os.loadavg()[0]!;
  if (load < 0.5 * os.cpus().length) return;
  process.stderr.write(
    `Other programs are at work (load ${load.toFixed(1)}): wait until it is quiet, or the figures are too high.\n`,
  );
}

function secondsLeft(started: number, runs: number, all: number): number {
  return Math.ceil((((performance.now() - started) / runs) * (all - runs)) / 1000);
}

// One line that is written over on a terminal; in a log, one line a round.
function progress(text: string, firstOfRound: boolean): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (firstOfRound) process.stderr.write(`${text}\n`);
}
