// The blocking functions of node:crypto: each call of a table gives the same by the original and by the twin.
import crypto from 'node:crypto';
import { patchCrypto } from 'greenlets/monkey';
import { expect, it } from 'vitest';
import { expectSame } from './both_ways.js';

const originals = { ...crypto };
patchCrypto();

/** What can be said of values that are random. */
function view(value: unknown): unknown {
  if (value instanceof crypto.KeyObject) return [value.type, value.asymmetricKeyType, value.symmetricKeySize];
  if (typeof value === 'bigint') return ['bigint', value.toString(2).length];
  if (value instanceof ArrayBuffer) return ['ArrayBuffer', Buffer.from(value).toString('hex')];
  if (typeof value === 'string' && value.startsWith('-----')) return value.split('\n')[0];
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.entries(value).map(([key, field]) => [key, view(field)]);
}

const rsa = { modulusLength: 512 };
const spki = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
};
const calls: [name: string, ...args: unknown[]][] = [
  ['pbkdf2Sync', 'password', 'salt', 20_000, 40, 'sha512'],
  ['pbkdf2Sync', Buffer.from('password'), new Uint8Array(4), 1, 20, 'sha1'],
  ['pbkdf2Sync', 'password', 'salt', 1, 20, 'nonsense'],
  ['pbkdf2Sync', 'password', 'salt', 0, 20, 'sha1'],
  ['pbkdf2Sync', 'password', 'salt', 1, 20],
  ['pbkdf2Sync', 5, 'salt', 1, 20, 'sha1'],
  ['scryptSync', 'password', 'salt', 64],
  ['scryptSync', 'password', 'salt', 64, { N: 1024, r: 2, p: 3 }],
  ['scryptSync', 'password', 'salt', 64, { cost: 1024 }],
  ['scryptSync', 'password', 'salt', 64, { N: 2 ** 20, maxmem: 1000 }],
  ['scryptSync', 'password', 'salt', 64, { N: 3 }],
  ['scryptSync', 'password', 'salt', -1],
  ['hkdfSync', 'sha256', 'key', 'salt', 'info', 100],
  ['hkdfSync', 'sha256', originals.createSecretKey(Buffer.from('key')), 'salt', 'info', 100],
  ['hkdfSync', 'nonsense', 'key', 'salt', 'info', 100],
  ['hkdfSync', 'sha256', 'key', 'salt', 'info', 100_000],
  ['hkdfSync', 'sha256', 'key', 'salt', 'i'.repeat(2000), 10],
  ['generateKeyPairSync', 'ed25519'],
  ['generateKeyPairSync', 'rsa', rsa],
  ['generateKeyPairSync', 'rsa', { ...rsa, ...spki }],
  ['generateKeyPairSync', 'ec', { namedCurve: 'P-256' }],
  ['generateKeyPairSync', 'ec', { namedCurve: 'nonsense' }],
  ['generateKeyPairSync', 'rsa', {}],
  ['generateKeyPairSync', 'nonsense', {}],
  ['generateKeySync', 'hmac', { length: 128 }],
  ['generateKeySync', 'aes', { length: 256 }],
  ['generateKeySync', 'aes', { length: 5 }],
  ['generatePrimeSync', 64],
  ['generatePrimeSync', 64, { bigint: true }],
  ['generatePrimeSync', 8, { bigint: true, add: 256n, rem: 251n }],
  ['generatePrimeSync', 8, { add: 1000n }],
  ['generatePrimeSync', 0],
  ['checkPrimeSync', 97n],
  ['checkPrimeSync', Buffer.from([91])],
  ['checkPrimeSync', 97n, { checks: 5 }],
  ['checkPrimeSync', 97n, { checks: -1 }],
  ['checkPrimeSync', -5n],
  ['checkPrimeSync', 'seven'],
  [
    'argon2Sync',
    'argon2id',
    { message: 'password', nonce: 'saltsalt', parallelism: 1, tagLength: 16, memory: 64, passes: 1 },
  ],
  ['argon2Sync', 'nonsense', {}],
  [
    'argon2Sync',
    'argon2id',
    { message: 'password', nonce: 'short', parallelism: 1, tagLength: 16, memory: 64, passes: 1 },
  ],
];

const parked = new Set<string>();

it.each(calls.filter(([name]) => name in originals).map(([name, ...args], i) => ({ name, args, i })))(
  '$i: $name',
  async ({ name, args }) => {
    const twin = (crypto as unknown as Record<string, (...args: any[]) => unknown>)[name]!;
    // A random number is not the same twice, but for its length.
    const seen =
      name === 'generatePrimeSync' && args.length === 1 ? (value: unknown) => (value as ArrayBuffer).byteLength : view;
    if ((await expectSame('crypto', name, twin, () => args, { view: seen })) > 0) parked.add(name);
  },
);

it('every function that is patched was seen to let others run', () => {
  const patched = Object.keys(originals).filter((name) => (crypto as any)[name] !== (originals as any)[name]);
  expect(patched.length).toBeGreaterThan(6);
  expect([...parked].sort()).toEqual(patched.sort());
  expect(Object.keys(originals).filter((name) => name.endsWith('Sync') && !patched.includes(name))).toEqual([
    'randomFillSync',
  ]);
});
