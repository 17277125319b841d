// Turns of the event loop, for tests on the hub's stack: so many that whoever is ready has had its turn, also when a round was cut because
// the machine is busy.

export async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}
