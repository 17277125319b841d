// One async function that waits.

const never = new Promise<never>(() => {});

export function park(): unknown {
  return (async () => {
    await never;
  })();
}
