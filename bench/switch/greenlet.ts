// Round trip: a switch to a greenlet and back, which it makes at the bottom of so many nested calls.
import { Greenlet, getCurrent } from 'greenlets/core';

const main = getCurrent();

function descend(depth: number): void {
  if (depth > 0) {
    descend(depth - 1);
    return;
  }
  for (let i = 0; ; i++) main.switch(i);
}

export function prepare(depth: number): (operations: number) => void {
  const greenlet = new Greenlet(descend);
  greenlet.switch(depth);
  return (operations) => {
    for (let i = 0; i < operations; i++) greenlet.switch();
  };
}
