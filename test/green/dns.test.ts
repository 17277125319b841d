// greenlets/dns: questions by blocking calls; to a name server of the test's own, on this machine.
import dgram from 'node:dgram';
import nodeDns from 'node:dns/promises';
import { once, sleep, spawn, Timeout, wait } from 'greenlets';
import * as dns from 'greenlets/dns';
import { describe, expect, it } from 'vitest';
import { inHub } from '../helpers/in_hub.js';
import { thrownBy } from '../helpers/thrown_by.js';

const invalid = expect.objectContaining({ code: 'ERR_GREENLET_INVALID_ARG' });

/** What it is asked: the name and the type; it has one address for everything but what begins with 'no'. */
function withNameServer(body: (resolver: dns.Resolver, address: string) => void): () => Promise<void> {
  return inHub(() => {
    const server = dgram.createSocket('udp4');
    server.on('message', (question, { port, address }) => {
      const name = question.subarray(13, 13 + question[12]!).toString();
      if (name === 'never') return;
      const answer = Buffer.from(question);
      const has = !name.startsWith('no');
      answer[2] = 0x81;
      answer[3] = has ? 0x80 : 0x83;
      answer[7] = has ? 1 : 0;
      answer[11] = 0;
      const end = question.indexOf(0, 12) + 5;
      const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 1, 2, 3]);
      server.send(has ? Buffer.concat([answer.subarray(0, end), record]) : answer.subarray(0, end), port, address);
    });
    server.bind(0, '127.0.0.1');
    once(server, 'listening');
    const resolver = new dns.Resolver({ timeout: 60_000, tries: 1 });
    const address = `127.0.0.1:${server.address().port}`;
    resolver.setServers([address]);
    resolver.setLocalAddress('127.0.0.1');
    try {
      body(resolver, address);
    } finally {
      resolver.cancel();
      server.close();
      once(server, 'close');
    }
  });
}

describe('a Resolver', () => {
  it(
    'asks its own servers',
    withNameServer((resolver, address) => {
      expect(resolver.getServers()).toEqual([address]);
      expect(resolver.resolve('some.name')).toEqual(['10.1.2.3']);
      expect(resolver.resolve('some.name', 'A')).toEqual(['10.1.2.3']);
      expect(resolver.resolve4('some.name')).toEqual(['10.1.2.3']);
      expect(resolver.resolve4('some.name', { ttl: true, timeout: 60_000 })).toEqual([
        { address: '10.1.2.3', ttl: 60 },
      ]);
    }),
  );

  it(
    "throws Node's errors",
    withNameServer((resolver) => {
      expect(thrownBy(() => resolver.resolve4('no.name'))).toMatchObject({
        code: 'ENOTFOUND',
        syscall: 'queryA',
        hostname: 'no.name',
      });
      for (const [name, syscall] of [
        ['resolve6', 'queryAaaa'],
        ['resolveAny', 'queryAny'],
        ['resolveCaa', 'queryCaa'],
        ['resolveCname', 'queryCname'],
        ['resolveMx', 'queryMx'],
        ['resolveNaptr', 'queryNaptr'],
        ['resolveNs', 'queryNs'],
        ['resolvePtr', 'queryPtr'],
        ['resolveSoa', 'querySoa'],
        ['resolveSrv', 'querySrv'],
        ['resolveTxt', 'queryTxt'],
      ] as const) {
        expect(thrownBy(() => resolver[name]('no.name', { timeout: 60_000 }))).toMatchObject({
          code: 'ENOTFOUND',
          syscall,
        });
      }
      expect(thrownBy(() => resolver.reverse('no address'))).toMatchObject({
        code: 'EINVAL',
        syscall: 'getHostByAddr',
      });
    }),
  );

  it(
    'is waited for within a time, under a signal, until it is cancelled',
    withNameServer((resolver) => {
      expect(() => resolver.resolve4('never', { timeout: 5 })).toThrow(Timeout);
      const controller = new AbortController();
      setTimeout(() => controller.abort('reason'), 5);
      expect(thrownBy(() => resolver.resolve('never', 'A', { signal: controller.signal }))).toBe('reason');
      const task = spawn(() => thrownBy(() => resolver.resolve4('never')));
      sleep(2);
      resolver.cancel();
      expect(task.get()).toMatchObject({ code: 'ECANCELLED' });
    }),
  );
});

describe('the functions', () => {
  it(
    'that ask name servers ask those of the system',
    withNameServer((_, address) => {
      const servers = nodeDns.getServers();
      nodeDns.setServers([address]);
      try {
        expect(dns.resolve('some.name')).toEqual(['10.1.2.3']);
        expect(dns.resolve4('some.name', { ttl: true })).toEqual([{ address: '10.1.2.3', ttl: 60 }]);
        expect(thrownBy(() => dns.resolveMx('no.name'))).toMatchObject({ code: 'ENOTFOUND', syscall: 'queryMx' });
      } finally {
        nodeDns.setServers(servers);
      }
    }),
  );

  it(
    'that ask the system give what Node gives',
    inHub(() => {
      expect(dns.lookup('127.0.0.1')).toEqual({ address: '127.0.0.1', family: 4 });
      expect(dns.lookup('::1', { family: 6, timeout: 60_000 })).toEqual({ address: '::1', family: 6 });
      expect(dns.lookup('127.0.0.1', { all: true })).toEqual([{ address: '127.0.0.1', family: 4 }]);
      expect(dns.lookupService('127.0.0.1', 22)).toEqual(wait(nodeDns.lookupService('127.0.0.1', 22)));
      expect(thrownBy(() => dns.lookup('host.invalid'))).toMatchObject({ syscall: 'getaddrinfo' });
    }),
  );

  it(
    'refuse options that cannot be meant',
    inHub(() => {
      expect(() => dns.lookup('127.0.0.1', { timeout: 'x' as never })).toThrow(invalid);
      expect(() => dns.resolve4('x', { signal: {} as never })).toThrow(invalid);
    }),
  );

  it('block the hub, and ask nothing then', () => {
    const blocks = expect.objectContaining({ code: 'ERR_GREENLET_BLOCKS_HUB' });
    for (const call of [() => dns.lookup('x'), () => dns.resolve4('x'), () => dns.reverse('127.0.0.1')]) {
      expect(call).toThrow(blocks);
    }
  });
});
