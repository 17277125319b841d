// Create, run and finish: a greenlet that does nothing.
import { Greenlet } from 'greenlets/core';

export function prepare(): (operations: number) => void {
  return (operations) => {
    for (let i = 0; i < operations; i++) new Greenlet(() => {}).switch();
  };
}
