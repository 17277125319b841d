// Round trip: two async functions that wake each other, each by the promise that the other one awaits; the far one below nested
// async functions, joined by await. The event loop's jobs carry them on, so that no one can be called and wait in one.
import type { Timed } from '../time_per_operation.js';

type Wake = (value: number) => void;

let wakeFar: Wake;
let wakeNear: Wake;

function farTurn(): Promise<number> {
  return new Promise((resolve) => {
    wakeFar = resolve;
  });
}

function nearTurn(): Promise<number> {
  return new Promise((resolve) => {
    wakeNear = resolve;
  });
}

async function descend(depth: number, calls = 0): Promise<void> {
  if (calls < depth) {
    await descend(depth, calls + 1);
    return;
  }
  const started = farTurn();
  wakeNear(calls);
  for (let i = await started; ; i++) {
    const turn = farTurn();
    wakeNear(i);
    await turn;
  }
}

export async function roundTrip(depth: number): Promise<Timed> {
  const reached = nearTurn();
  void descend(depth);
  const parameter = await reached;
  const answered = nearTurn();
  wakeFar(0);
  let last = await answered;
  return {
    parameter,
    async run(operations) {
      const first = last;
      for (let i = 0; i < operations; i++) {
        const turn = nearTurn();
        wakeFar(0);
        last = await turn;
      }
      return last - first;
    },
  };
}
