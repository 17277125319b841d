// Servers of plain Node.js, written with async functions.
import http from 'node:http';
import type net from 'node:net';
import { setTimeout } from 'node:timers/promises';

export function hello(): Promise<number> {
  return serve(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 12 });
    response.end('hello world\n');
  });
}

export function api(): Promise<number> {
  return serve(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const { id } = JSON.parse(Buffer.concat(pieces).toString()) as { id: number };
    await setTimeout(5);
    const body = JSON.stringify({ id, name: 'somebody' });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
}

type Handle = (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;

function serve(handle: Handle): Promise<number> {
  const server = http.createServer((request, response) => void handle(request, response));
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () =>
      resolve((server.address() as net.AddressInfo).port),
    );
  });
}
