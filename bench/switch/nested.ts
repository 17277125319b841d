// Calls that lie between the two sides of a switch. Runs under Node.js 14 too.

/** Calls `bottom` below so many nested calls of JavaScript, and tells it how many they are. */
export function belowCalls(count: number, bottom: (calls: number) => void, calls = 0): void {
  if (calls === count) bottom(calls);
  else belowCalls(count, bottom, calls + 1);
}

/** Calls `bottom` below so many nested callbacks of V8's native functions, and tells it how many they are. */
export function belowNativeCalls(count: number, bottom: (calls: number) => void, calls = 0): void {
  const callback = () => {
    belowNativeCalls(count, bottom, calls + 1);
    return 0;
  };
  if (calls === count) bottom(calls);
  else if (calls % 3 === 0) [0].map(callback);
  else if (calls % 3 === 1) [0, 1].sort(callback);
  else 'x'.replace('x', () => String(callback()));
}
