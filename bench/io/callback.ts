// Servers of plain Node.js, written with callbacks.
import http from 'node:http';
import net from 'node:net';

export function hello(): Promise<number> {
  return listen(
    http.createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 12 });
      response.end('hello world\n');
    }),
  );
}

export function api(): Promise<number> {
  return listen(
    http.createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const { id } = JSON.parse(Buffer.concat(pieces).toString()) as { id: number };
        setTimeout(() => {
          const body = JSON.stringify({ id, name: 'somebody' });
          response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
          response.end(body);
        }, 5);
      });
    }),
  );
}

export function echo(): Promise<number> {
  return listen(
    net.createServer({ noDelay: true }, (socket) => {
      socket.on('data', (piece) => socket.write(piece));
      socket.on('error', () => socket.destroy());
    }),
  );
}

function listen(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () =>
      resolve((server.address() as net.AddressInfo).port),
    );
  });
}
