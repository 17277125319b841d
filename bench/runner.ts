// Runs measuring programs, each in a fresh process, in interleaved rounds. Knows nothing of what is measured, nor in which unit.
import { spawnSync } from 'node:child_process';

/** A program that prints lines of JSON; the last one is its Sample. */
export interface Case {
  /** For the progress on stderr. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs in no more rounds than this. */
  readonly maxRounds?: number;
  /** That a signal ends the program before its sample is an answer, and no error. */
  readonly mayDie?: boolean;
}

export interface Sample {
  readonly value: number;
  readonly parts?: Readonly<Record<string, number>>;
}

export interface Death {
  /** What of. */
  readonly died: string;
  /** How far it had come, where it said so (`{ "reached": … }`). */
  readonly reached: number;
}

export interface CaseResult {
  readonly samples: readonly Sample[];
  /** The last run's, which gave no sample. */
  readonly death?: Death;
}

const longest = 15 * 60_000;

/**
 * Runs every case once a round, in a process of its own, and returns what each has printed in the order of the cases. What drifts
 * on the machine meanwhile falls on all cases alike: they take turns, every other round backwards. A case that has died is not
 * run again.
 */
export function runRounds(cases: readonly Case[], rounds: number): CaseResult[] {
  const results = cases.map((): { samples: Sample[]; death?: Death } => ({ samples: [] }));
  const all = cases.reduce((sum, { maxRounds = rounds }) => sum + Math.min(rounds, maxRounds), 0);
  const started = performance.now();
  let runs = 0;
  for (let round = 1; round <= rounds; round++) {
    const order = [...cases.keys()].filter((i) => round <= (cases[i]!.maxRounds ?? rounds));
    if (round % 2 === 0) order.reverse();
    for (const i of order) {
      const left = runs === 0 ? '' : `, about ${secondsLeft(started, runs, all)} s left`;
      progress(`round ${round} of ${rounds}${left}: ${cases[i]!.name}`, i === order[0]);
      runs++;
      if (results[i]!.death !== undefined) continue;
      const outcome = runOnce(cases[i]!);
      if ('died' in outcome) results[i]!.death = outcome;
      else results[i]!.samples.push(outcome);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  return results;
}

function runOnce({ name, command, args, env, mayDie = false }: Case): Sample | Death {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longest,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 28,
  });
  const lines = stdout.trimEnd().split('\n');
  const last = parseLine(lines.at(-1)!);
  if (typeof last?.value === 'number' && Number.isFinite(last.value)) return last as unknown as Sample;
  if (typeof last?.died === 'string') return last as unknown as Death;
  const how = error?.message ?? signal ?? (status === 0 ? 'no answer' : `exit code ${status}`);
  // The line that a killed process has not finished tells nothing.
  const reached = parseLine(lines.findLast((line) => parseLine(line) !== undefined) ?? '')?.reached;
  if (mayDie && signal !== null) return { died: how, reached: typeof reached === 'number' ? reached : 0 };
  throw new Error(`${name} did not print a number (${how}) but: ${stdout}${stderr}`);
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function secondsLeft(started: number, runs: number, all: number): number {
  return Math.ceil((((performance.now() - started) / runs) * (all - runs)) / 1000);
}

// One line that is written over on a terminal; in a log, one line a round.
function progress(text: string, firstOfRound: boolean): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
  else if (firstOfRound) process.stderr.write(`${text}\n`);
}
