// Starts a contender's server: `serve.js <contender's file> <function>`; prints the port that it listens on.
// It ends when its standard input does.
import { pathToFileURL } from 'node:url';

/** Starts a server on any free port of 127.0.0.1, and returns the port. */
export type StartServer = () => number | Promise<number>;

process.stdin.on('end', () => process.exit()).resume();
const [file, name] = process.argv.slice(2);
const contender = (await import(pathToFileURL(file!).href)) as Record<string, StartServer>;
console.log(JSON.stringify({ port: await contender[name!]!() }));
