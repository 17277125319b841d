// One parked greenlet.
import { Greenlet, getCurrent } from 'greenlets/core';

const main = getCurrent();

export function park(): unknown {
  const greenlet = new Greenlet(() => main.switch());
  greenlet.switch();
  return greenlet;
}
