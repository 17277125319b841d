// Servers with a task for each request, or for each connection.
import { run, sleep } from 'greenlets';
import { type ServerRequest, type ServerResponse, serve } from 'greenlets/http';
import { StreamServer } from 'greenlets/net';

const where = { port: 0, host: '127.0.0.1', backlog: 1024 };

export function hello(): Promise<number> {
  return listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 12 });
    response.end('hello world\n');
  });
}

export function api(): Promise<number> {
  return listen((request, response) => {
    const { id } = request.json() as { id: number };
    sleep(5);
    const body = JSON.stringify({ id, name: 'somebody' });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
}

export function echo(): Promise<number> {
  return run(() => {
    const server = new StreamServer(
      (socket) => {
        for (const piece of socket) socket.write(piece);
      },
      { noDelay: true },
    );
    server.listen(where);
    return server.port;
  });
}

function listen(handler: (request: ServerRequest, response: ServerResponse) => void): Promise<number> {
  return run(() => serve(handler, where).port);
}
