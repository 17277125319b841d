// The command that measures one contender of a series. Not when and how often it is run: runner.ts.
import { programFile, type Runtime } from './contenders.js';
import type { Effort, Series } from './question.js';
import type { Case } from './runner.js';

/** `file` is the contender's. */
export function commandOf(
  series: Series,
  file: string,
  runtime: Runtime,
  step: number,
  effort: Effort,
): Pick<Case, 'command' | 'args' | 'env'> {
  const isFar = series.far !== undefined;
  const nodeOptions = isFar || runtime.language === 'js' ? (series.nodeOptions ?? []) : [];
  return {
    command: isFar ? process.execPath : runtime.command,
    args: [
      ...(isFar || runtime.isThisNode ? process.execArgv : []),
      ...nodeOptions,
      ...(isFar
        ? [programFile(series.program, { language: 'js' }), runtime.command, programFile(series.far, runtime)]
        : [programFile(series.program, runtime)]),
      file,
      ...series.programArgs(step, effort).map(String),
    ],
    ...(runtime.env && { env: runtime.env }),
  };
}
