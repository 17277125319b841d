// Reads CPU profiles (the JSON of --cpu-prof and of the inspector's Profiler.stop). Not for what must be in them.
import { readFileSync } from 'node:fs';

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
  readonly hitCount?: number;
}

interface ProfileFile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  readonly startTime: number;
  readonly endTime: number;
}

/** What V8 names where no JavaScript ran. */
const notJavaScript: ReadonlySet<string> = new Set(['(idle)', '(program)', '(garbage collector)']);

export class Profile {
  /** The functions of every sample that was taken in JavaScript, innermost first. */
  readonly stacks: readonly (readonly string[])[];
  /** What a reader of the file could stumble on. */
  readonly faults: readonly string[];

  constructor(file: string) {
    const profile = JSON.parse(readFileSync(file, 'utf8')) as ProfileFile;
    const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
    const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
    this.faults = faultsOf(profile, nodes, parents);
    const stackOf = (sample: number): string[] => {
      const names: string[] = [];
      for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
        names.push(nodes.get(id)?.callFrame.functionName ?? `no node ${id}`);
      }
      return names;
    };
    this.stacks = profile.samples.map(stackOf).filter(([leaf = '']) => !notJavaScript.has(leaf));
  }
}

function faultsOf(
  { nodes: list, samples, timeDeltas, startTime, endTime }: ProfileFile,
  nodes: ReadonlyMap<number, Node>,
  parents: ReadonlyMap<number, number>,
): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => holds || faults.push(fault);
  expect(nodes.size === list.length, 'two nodes of one id');
  expect(parents.size === list.length - 1, 'not one root, or a node with two parents');
  expect(
    [...parents.keys()].every((id) => nodes.has(id)),
    'a child that is no node',
  );
  expect(
    samples.every((id) => nodes.has(id)),
    'a sample of no node',
  );
  expect(samples.length === timeDeltas.length, 'not a time for each sample');
  expect(endTime >= startTime, 'it ends before it begins');
  return faults;
}
