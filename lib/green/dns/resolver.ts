// class Questions: questions to name servers, by calls that block the calling task only; and class Resolver, which chooses the servers. Not
// for names as the system knows them: lookup.ts.
import type {
  AnyRecord,
  CaaRecord,
  MxRecord,
  NaptrRecord,
  RecordWithTtl,
  ResolverOptions,
  SoaRecord,
  SrvRecord,
} from 'node:dns';
import dns from 'node:dns/promises';
import { wait } from '../../hub/index.js';
import type { WaitOptions } from '../../hub/upper.js';
import { split } from './lookup.js';

/** Options of `resolve4()` and `resolve6()`. */
export interface AddressOptions extends WaitOptions {
  /** With the seconds that each address holds: objects in place of texts. */
  ttl?: boolean | undefined;
}

/** What `resolve()` can be asked for, and what it answers. */
export interface RecordTypes {
  A: string[];
  AAAA: string[];
  ANY: AnyRecord[];
  CAA: CaaRecord[];
  CNAME: string[];
  MX: MxRecord[];
  NAPTR: NaptrRecord[];
  NS: string[];
  PTR: string[];
  SOA: SoaRecord;
  SRV: SrvRecord[];
  TXT: string[][];
}

/** What answers: node:dns/promises itself, or a Resolver of it. */
type Asked = Omit<dns.Resolver, 'cancel' | 'setLocalAddress' | 'getServers' | 'setServers'>;

/**
 * All questions throw Node's errors (ENOTFOUND, ENODATA, ECONNREFUSED, …), a Timeout (ERR_GREENLET_TIMEOUT) when `timeout` is over first,
 * the `signal`'s reason when that is aborted, and ERR_GREENLET_BLOCKS_HUB outside of a task.
 */
export class Questions {
  readonly #resolver: Asked;

  /** @internal */
  constructor(resolver: Asked) {
    this.#resolver = resolver;
  }

  /** Records of a type: 'A' unless another one is named. */
  resolve(hostname: string): string[];
  resolve<Type extends keyof RecordTypes>(hostname: string, type: Type, options?: WaitOptions): RecordTypes[Type];
  resolve(hostname: string, type: keyof RecordTypes = 'A', options?: WaitOptions): unknown {
    const { own } = split('resolve', options);
    return wait(this.#resolver.resolve(hostname, type), own);
  }

  resolve4(hostname: string, options: AddressOptions & { ttl: true }): RecordWithTtl[];
  resolve4(hostname: string, options?: AddressOptions & { ttl?: false | undefined }): string[];
  resolve4(hostname: string, options?: AddressOptions): string[] | RecordWithTtl[] {
    const { own, forNode } = split('resolve4', options);
    return wait(this.#resolver.resolve4(hostname, forNode as { ttl: boolean }), own);
  }

  resolve6(hostname: string, options: AddressOptions & { ttl: true }): RecordWithTtl[];
  resolve6(hostname: string, options?: AddressOptions & { ttl?: false | undefined }): string[];
  resolve6(hostname: string, options?: AddressOptions): string[] | RecordWithTtl[] {
    const { own, forNode } = split('resolve6', options);
    return wait(this.#resolver.resolve6(hostname, forNode as { ttl: boolean }), own);
  }

  resolveAny(hostname: string, options?: WaitOptions): AnyRecord[] {
    const { own } = split('resolveAny', options);
    return wait(this.#resolver.resolveAny(hostname), own);
  }

  resolveCaa(hostname: string, options?: WaitOptions): CaaRecord[] {
    const { own } = split('resolveCaa', options);
    return wait(this.#resolver.resolveCaa(hostname), own);
  }

  resolveCname(hostname: string, options?: WaitOptions): string[] {
    const { own } = split('resolveCname', options);
    return wait(this.#resolver.resolveCname(hostname), own);
  }

  resolveMx(hostname: string, options?: WaitOptions): MxRecord[] {
    const { own } = split('resolveMx', options);
    return wait(this.#resolver.resolveMx(hostname), own);
  }

  resolveNaptr(hostname: string, options?: WaitOptions): NaptrRecord[] {
    const { own } = split('resolveNaptr', options);
    return wait(this.#resolver.resolveNaptr(hostname), own);
  }

  resolveNs(hostname: string, options?: WaitOptions): string[] {
    const { own } = split('resolveNs', options);
    return wait(this.#resolver.resolveNs(hostname), own);
  }

  resolvePtr(hostname: string, options?: WaitOptions): string[] {
    const { own } = split('resolvePtr', options);
    return wait(this.#resolver.resolvePtr(hostname), own);
  }

  resolveSoa(hostname: string, options?: WaitOptions): SoaRecord {
    const { own } = split('resolveSoa', options);
    return wait(this.#resolver.resolveSoa(hostname), own);
  }

  resolveSrv(hostname: string, options?: WaitOptions): SrvRecord[] {
    const { own } = split('resolveSrv', options);
    return wait(this.#resolver.resolveSrv(hostname), own);
  }

  resolveTxt(hostname: string, options?: WaitOptions): string[][] {
    const { own } = split('resolveTxt', options);
    return wait(this.#resolver.resolveTxt(hostname), own);
  }

  /** The names of an address. */
  reverse(address: string, options?: WaitOptions): string[] {
    const { own } = split('reverse', options);
    return wait(this.#resolver.reverse(address), own);
  }
}

/**
 * Asks name servers of its own choice. The functions of the same names ask those of the system.
 * @example
 * run(() => {
 *   const resolver = new Resolver({ timeout: 1000, tries: 1 });
 *   resolver.setServers(['127.0.0.1:1']);
 *   resolver.resolve4('example.org'); // throws ECONNREFUSED
 * });
 */
export class Resolver extends Questions {
  readonly #own: dns.Resolver;

  /** @param options Node's: `timeout` (milliseconds of one attempt) and `tries`. */
  constructor(options?: ResolverOptions) {
    const own = new dns.Resolver(options);
    super(own);
    this.#own = own;
  }

  /** The servers that are asked, as texts of RFC 5952 with their ports. */
  getServers(): string[] {
    return this.#own.getServers();
  }

  setServers(servers: readonly string[]): void {
    this.#own.setServers(servers);
  }

  /** The address that questions are sent from. */
  setLocalAddress(ipv4?: string, ipv6?: string): void {
    this.#own.setLocalAddress(ipv4 as string, ipv6 as string);
  }

  /** Who waits for an answer gets ECANCELLED. */
  cancel(): void {
    this.#own.cancel();
  }
}
