// A TCP proxy: passes on what comes, both ways at once, as fast as the slower side takes it. A connection is two tasks of one line each.
//   node out/examples/tcp_proxy.js                                    a client speaks to a server through it, and what arrives is checked
//   node out/examples/tcp_proxy.js --listen 8080 --to example.org:80  passes on until it is ended
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { joinAll, killAll, run, spawn } from 'greenlets';
import { connect, type Socket, StreamServer } from 'greenlets/net';

interface Place {
  readonly host: string;
  readonly port: number;
}

/** A server for each of whose connections another one is made, to the same place. */
function proxyTo({ host, port }: Place): StreamServer {
  return new StreamServer((client) => {
    using upstream = connect(port, host, { timeout: 10_000 });
    const pumps = [spawn(pump, client, upstream), spawn(pump, upstream, client)];
    try {
      joinAll(pumps, { raise: true });
    } finally {
      // When one side breaks, there is nobody to send to.
      killAll(pumps);
    }
  });
}

/** From one end to the other, until the end. write() waits for a slow reader, so nothing gathers here. */
function pump(from: Socket, to: Socket): void {
  for (const piece of from) to.write(piece);
  to.end();
}

/** A server that answers in capitals, a proxy to it, and a client: what it gets must be what the server says. */
function demonstrate(): void {
  const shouting = new StreamServer((socket) => {
    for (const piece of socket) socket.write(piece.toString('latin1').toUpperCase());
  });
  shouting.listen({ port: 0, host: '127.0.0.1' });
  const proxy = proxyTo({ host: '127.0.0.1', port: shouting.port });
  proxy.listen({ port: 0, host: '127.0.0.1' });

  const question = 'how are you? '.repeat(100_000);
  const clients = Array.from({ length: 10 }, () =>
    spawn(() => {
      using socket = connect(proxy.port, '127.0.0.1');
      const answer = spawn(() => socket.readAll().toString());
      socket.end(question);
      return answer.get();
    }),
  );
  for (const client of clients) assert.equal(client.get(), question.toUpperCase());
  console.log(`  ${clients.length} clients got ${question.length} bytes each through the proxy, and sent as many`);
  proxy.stop();
  shouting.stop();
}

const { values } = parseArgs({
  options: { listen: { type: 'string' }, to: { type: 'string' } },
  allowPositionals: true,
});

await run(() => {
  if (values.listen === undefined) return demonstrate();
  const [host = '127.0.0.1', port = '80'] = (values.to ?? '').split(':');
  const proxy = proxyTo({ host, port: Number(port) });
  proxy.listen(Number(values.listen));
  console.log(`listening on port ${proxy.port}`);
  proxy.serveForever();
});

/** One line for a summary. */
export const conclusion = 'a proxy passed on both ways, as fast as the slower side takes it';
