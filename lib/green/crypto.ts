// greenlets/crypto: node:crypto's functions that take their time, as blocking calls of the same names. The work is done in a thread of
// Node's pool, and goes on there when the wait is ended. Not for what takes microseconds: hashes, ciphers.
import crypto, {
  type BinaryLike,
  type CheckPrimeOptions,
  type GeneratePrimeOptions,
  type KeyLike,
  type KeyObject,
  type KeyPairSyncResult,
  type ScryptOptions,
} from 'node:crypto';
import { checkOptions, type WaitOptions } from '../hub/upper.js';
import { Callback } from './callback.js';

function block<Value>(
  name: string,
  options: WaitOptions | undefined,
  begin: (done: (error: unknown, value?: Value) => void) => void,
): Value {
  checkOptions(options);
  const callback = new Callback<Value>(name);
  begin(callback.done);
  return callback.wait(options);
}

/**
 * As in node:crypto; the last argument is the options of the wait, as of each function here.
 * @throws Timeout ERR_GREENLET_TIMEOUT when it takes longer than `timeout`; the `signal`'s reason when that is aborted.
 * @throws BlockingSwitchOutError ERR_GREENLET_BLOCKS_HUB outside of a task; then nothing is done.
 * @example
 * await run(() => cryptography.pbkdf2('password', 'salt', 1, 4, 'sha512').toString('hex')); // '867f70cf'
 */
export function pbkdf2(
  password: BinaryLike,
  salt: BinaryLike,
  iterations: number,
  keyLength: number,
  digest: string,
  options?: WaitOptions,
): Buffer {
  return block('pbkdf2', options, (done) => crypto.pbkdf2(password, salt, iterations, keyLength, digest, done));
}

/** As in node:crypto. Throws as `pbkdf2()`. */
export function scrypt(
  password: BinaryLike,
  salt: BinaryLike,
  keyLength: number,
  options: ScryptOptions = {},
  wait?: WaitOptions,
): Buffer {
  return block('scrypt', wait, (done) => crypto.scrypt(password, salt, keyLength, options, done));
}

/** As in node:crypto. Throws as `pbkdf2()`. */
export function hkdf(
  digest: string,
  key: BinaryLike | KeyObject,
  salt: BinaryLike,
  info: BinaryLike,
  keyLength: number,
  options?: WaitOptions,
): ArrayBuffer {
  return block('hkdf', options, (done) => crypto.hkdf(digest, key, salt, info, keyLength, done));
}

/** As `generateKeyPairSync` of node:crypto, with its types; then the options of the wait. Throws as `pbkdf2()`. */
export const generateKeyPair: typeof crypto.generateKeyPairSync &
  ((
    type: string,
    options: object | undefined,
    wait: WaitOptions,
  ) => KeyPairSyncResult<any, any> & { publicKey: any; privateKey: any }) = ((
  type: string,
  options?: object,
  wait?: WaitOptions,
) =>
  block('generateKeyPair', wait, (done) =>
    (crypto.generateKeyPair as (...args: unknown[]) => void)(
      type,
      options,
      (error: unknown, publicKey: unknown, privateKey: unknown) => done(error, { publicKey, privateKey }),
    ),
  )) as never;

/** As in node:crypto. Throws as `pbkdf2()`. */
export function generateKey(type: 'hmac' | 'aes', options: { length: number }, wait?: WaitOptions): KeyObject {
  return block('generateKey', wait, (done) => crypto.generateKey(type, options, done));
}

/** As in node:crypto: a prime of `size` bits. Throws as `pbkdf2()`. */
export function generatePrime(
  size: number,
  options: GeneratePrimeOptions & { bigint: true },
  wait?: WaitOptions,
): bigint;
export function generatePrime(size: number, options?: GeneratePrimeOptions, wait?: WaitOptions): ArrayBuffer;
export function generatePrime(
  size: number,
  options: GeneratePrimeOptions = {},
  wait?: WaitOptions,
): ArrayBuffer | bigint {
  return block<ArrayBuffer | bigint>('generatePrime', wait, (done) => crypto.generatePrime(size, options, done));
}

/** As in node:crypto. Throws as `pbkdf2()`. */
export function checkPrime(
  candidate: bigint | ArrayBuffer | Buffer,
  options: CheckPrimeOptions = {},
  wait?: WaitOptions,
): boolean {
  return block('checkPrime', wait, (done) => crypto.checkPrime(candidate as bigint, options, done));
}

/** As in node:crypto. Throws as `pbkdf2()`. */
export function randomBytes(size: number, options?: WaitOptions): Buffer {
  return block('randomBytes', options, (done) => crypto.randomBytes(size, done));
}

/** As in node:crypto: fills `buffer`, from `offset` on, and returns it. Throws as `pbkdf2()`. */
export function randomFill<B extends NodeJS.ArrayBufferView>(
  buffer: B,
  offset: number = 0,
  size: number = buffer.byteLength - offset,
  options?: WaitOptions,
): B {
  return block('randomFill', options, (done) => crypto.randomFill(buffer, offset, size, done as never));
}

/** As in node:crypto, of all of the data at once. Throws as `pbkdf2()`. */
export function sign(
  algorithm: string | null,
  data: NodeJS.ArrayBufferView,
  key: KeyLike | crypto.SignKeyObjectInput | crypto.SignPrivateKeyInput,
  options?: WaitOptions,
): Buffer {
  return block('sign', options, (done) => crypto.sign(algorithm, data, key, done));
}

/** As in node:crypto, of all of the data at once. Throws as `pbkdf2()`. */
export function verify(
  algorithm: string | null,
  data: NodeJS.ArrayBufferView,
  key: KeyLike | crypto.VerifyKeyObjectInput | crypto.VerifyPublicKeyInput,
  signature: NodeJS.ArrayBufferView,
  options?: WaitOptions,
): boolean {
  return block('verify', options, (done) => crypto.verify(algorithm, data, key, signature, done));
}
