// A web server for the examples: the files of a folder, on this machine only. Plain Node code with callbacks, nothing of greenlets.
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';

const types: Record<string, string> = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };

/** Not listening yet. A folder is answered with its index.html, or else with links to what is in it. */
export function fileServer(folder: string): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    let file = path.join(folder, path.normalize(decodeURIComponent(pathname)));
    if (existsSync(file) && statSync(file).isDirectory()) {
      if (!pathname.endsWith('/')) {
        response.writeHead(301, { location: `${pathname}/` }).end();
        return;
      }
      const index = path.join(file, 'index.html');
      if (!existsSync(index)) {
        sendList(file, pathname, response);
        return;
      }
      file = index;
    }
    const type = types[path.extname(file)] ?? 'application/octet-stream';
    createReadStream(file)
      .on('open', () => response.writeHead(200, { 'content-type': type }))
      .on('error', () => response.writeHead(404, { 'content-type': 'text/plain' }).end('not found'))
      .pipe(response);
  });
}

function sendList(folder: string, title: string, response: ServerResponse): void {
  const links = readdirSync(folder, { withFileTypes: true }).map((entry) => {
    const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
    return `<li><a href="${encodeURI(name)}">${name}</a>`;
  });
  response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>${title}</title><ul>${links.join('')}</ul>`);
}
