// What memory does a parked greenlet take?
import type { Question } from '../question.js';

export const question: Question = {
  name: 'parked-memory',
  folder: 'parked_memory',
  measures: 'the resident memory of each of 10,000, 100,000 and 1,000,000 parked at once, or where that ends',
  rounds: { usual: 3, quick: 1 },
  series: [
    {
      name: 'memory',
      title: 'Resident memory of each',
      unit: 'bytes',
      stepLabel: 'parked at once',
      steps: [10_000, 100_000, 1_000_000],
      heavyFrom: 100_000,
      onceFrom: 1_000_000,
      contenders: ['greenlet', 'generator', 'async_function', 'python3_greenlet', 'fibers'],
      program: 'parked_memory/measure',
      nodeOptions: ['--expose-gc'],
      programArgs: (step) => [step],
      mayDie: true,
      parts: {
        title: 'What it consists of',
        columns: [
          { name: 'jsHeap', label: "JavaScript's heap", unit: 'bytes' },
          { name: 'malloc', label: 'malloc', unit: 'bytes' },
          { name: 'rest', label: 'the rest: stacks, unused parts of heaps', unit: 'bytes' },
          { name: 'pageTables', label: "not resident: the kernel's page tables", unit: 'bytes' },
        ],
      },
    },
  ],
  aims: [
    {
      text: 'resident memory of each of 100,000 parked greenlets',
      atMost: 12_000,
      unit: 'bytes',
      measured: (answers) => answers.median('memory', 'greenlet', 100_000),
    },
  ],
};
