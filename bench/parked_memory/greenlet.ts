// One parked greenlet.
import { Greenlet, getCurrent } from 'greenlets/core';

const main = getCurrent();

export function park(): unknown {
  const greenlet = new Greenlet(() => main.switch());
  greenlet.switch();
  return greenlet;
}

export function finish(parked: unknown): boolean {
  const greenlet = parked as Greenlet;
  return greenlet.switch(true) === true && greenlet.dead;
}
