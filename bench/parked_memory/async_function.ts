// One async function that waits; all of them for one promise.

let open: (value: boolean) => void;
const gate = new Promise<boolean>((resolve) => {
  open = resolve;
});

export function park(): unknown {
  return (async () => await gate)();
}

export function finish(parked: unknown): Promise<boolean> {
  open(true);
  return parked as Promise<boolean>;
}
