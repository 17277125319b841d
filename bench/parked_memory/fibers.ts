// One fiber that has yielded.
import { Fiber } from '../fibers.js';

export function park(): unknown {
  const fiber = new Fiber(() => Fiber.yield());
  fiber.run();
  return fiber;
}

export function finish(parked: unknown): boolean {
  return (parked as Fiber).run(true) === true;
}
