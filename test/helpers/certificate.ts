// A key and a certificate of its own for 'localhost', for tests of TLS: known to everybody, so for nothing else.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '..', 'fixtures', 'green');

export const key: string = readFileSync(path.join(folder, 'key.pem'), 'utf8');
export const cert: string = readFileSync(path.join(folder, 'cert.pem'), 'utf8');
