// The blocking functions of node:crypto, and how each is put into cooperative form. Not here: those that take microseconds, such as
// randomBytes() and createHash(); sign() and verify(), which block or not as they are called; and randomFillSync(), which programs rely
// on to let nobody in before they have noted that their pool of random bytes is fresh.
import crypto from 'node:crypto';
import { type AnyFunction, cooperative, type Form } from './form.js';
import type { Item } from './item.js';

// As they were when this file was loaded.
const asynchronous = { ...crypto } as unknown as Record<string, AnyFunction>;

/** The number of arguments. */
const functions: Record<string, number> = {
  argon2: 2,
  checkPrime: 2,
  generateKey: 2,
  generateKeyPair: 2,
  generatePrime: 2,
  hkdf: 5,
  pbkdf2: 5,
  scrypt: 4,
};

function formOf(name: string, arity: number): Form {
  const begin = asynchronous[name] as AnyFunction;
  return {
    arity,
    begin:
      name === 'generateKeyPair'
        ? (done, args) =>
            begin(...args, (error: unknown, publicKey: unknown, privateKey: unknown) =>
              done(error, { publicKey, privateKey }),
            )
        : (done, args) => begin(...args, done),
    asksOriginal: true,
  };
}

export function cryptoItems(): Item[] {
  return Object.entries(functions)
    .filter(([name]) => typeof asynchronous[name] === 'function')
    .map(([name, arity]) => ({
      name: `${name}Sync`,
      holder: crypto,
      key: `${name}Sync`,
      make: (original) => cooperative(`${name}Sync`, original, formOf(name, arity)),
    }));
}
