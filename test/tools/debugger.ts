// A debugger for programs of test/fixtures/tools: starts one with --inspect-brk and speaks the inspector's protocol with it. Not
// for what must come of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Debugger as Protocol, Runtime } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const program = fileURLToPath(new URL('../../out/test/fixtures/tools/debugged.js', import.meta.url));
const lines = readFileSync(program, 'utf8').split('\n');
const hangGuardMilliseconds = 100_000;

/** A place where the program is paused, from the innermost frame on. */
export interface Pause extends Protocol.PausedEventDataType {}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly result: unknown;
  /** What it wrote to stderr. */
  readonly errors: string;
}

/** The zero-based line of the program that ends in a comment. */
export function lineOf(place: string): number {
  const line = lines.findIndex((text) => text.endsWith(`// ${place}`));
  if (line < 0) throw new Error(`no line of ${program} ends in // ${place}`);
  return line;
}

export const functionsOf = (frames: readonly { readonly functionName: string }[]): string[] =>
  frames.map(({ functionName }) => functionName);

export class Debugger {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #ended: Promise<End>;
  readonly #answers = new Map<number, (message: Message) => void>();
  /** Events that nobody has waited for yet, and who waits for which. */
  readonly #events: { readonly method: string; readonly params: unknown }[] = [];
  #wanted: { readonly method: string; readonly resolve: (params: unknown) => void }[] = [];
  /** By the script's id: an event tells it once, a frame does not. */
  readonly #urls = new Map<string, string>();
  #lastId = 0;

  private constructor(child: ChildProcess, socket: WebSocket, ended: Promise<End>) {
    this.#child = child;
    this.#socket = socket;
    this.#ended = ended;
    socket.on('message', (data) => this.#receive(JSON.parse(String(data)) as Message));
  }

  /** Starts a scenario, and pauses it at its first line. */
  static async start(scenario: string, env: Readonly<Record<string, string>>): Promise<Debugger> {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(process.execPath, ['--inspect-brk=127.0.0.1:0', program, scenario], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: hangGuardMilliseconds,
      killSignal: 'SIGKILL',
    });
    const texts = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        texts[name] += text;
      });
    }
    const ended = new Promise<End>((resolve) => {
      child.on('close', (code, signal) => {
        const last = texts.stdout.split('\n').findLast((line) => line.startsWith('result '));
        const result = last && JSON.parse(last.slice('result '.length));
        resolve({ code, signal, result, errors: texts.stderr });
      });
    });
    const address = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', () => {
        const match = /ws:\/\/\S+/.exec(texts.stderr);
        if (match) resolve(match[0]);
      });
      child.on('close', () => reject(new Error(texts.stderr)));
    });
    const socket = new WebSocket(address, { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const self = new Debugger(child, socket, ended);
    await self.post('Runtime.enable');
    await self.post('Debugger.enable');
    await self.post('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
    await self.post('Runtime.runIfWaitingForDebugger');
    await self.paused();
    return self;
  }

  /** Sends a command; what it answers. */
  async post<T = unknown>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#lastId;
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await this.#orEnd(answer, method);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  /** The next event of that name that nobody has had. */
  async event<T>(method: string): Promise<T> {
    const index = this.#events.findIndex((event) => event.method === method);
    if (index >= 0) return this.#events.splice(index, 1)[0]?.params as T;
    const params = new Promise<unknown>((resolve) => this.#wanted.push({ method, resolve }));
    return (await this.#orEnd(params, method)) as T;
  }

  paused(): Promise<Pause> {
    return this.event<Pause>('Debugger.paused');
  }

  /** Pauses it wherever it is. Asks again where no pause comes: V8 12 loses one that meets a callback of a FinalizationRegistry. */
  async pause(): Promise<Pause> {
    const pause = this.paused();
    await this.post('Debugger.pause');
    const timer = setInterval(() => this.post('Debugger.pause').catch(() => {}), 2000);
    return pause.finally(() => clearInterval(timer));
  }

  async breakAt(...places: readonly string[]): Promise<void> {
    for (const place of places) {
      await this.post('Debugger.setBreakpointByUrl', { urlRegex: '/debugged\\.js$', lineNumber: lineOf(place) });
    }
  }

  /** Goes on, in the way that a command says. */
  async resume(how: 'resume' | 'stepInto' | 'stepOver' | 'stepOut' = 'resume'): Promise<void> {
    await this.post(`Debugger.${how}`);
    // The answer comes before the program goes on, and to pause what is paused does nothing.
    await this.event('Debugger.resumed');
  }

  /** The same, to the next pause. */
  async go(how?: 'resume' | 'stepInto' | 'stepOver' | 'stepOut'): Promise<Pause> {
    await this.resume(how);
    return this.paused();
  }

  /** Where a frame is: the comment at the end of the program's line, or else the function's name and the script. */
  placeOf(pause: Pause, frame = 0): string {
    const { location, functionName } = pause.callFrames[frame] as Protocol.CallFrame;
    const url = this.#urls.get(location.scriptId) ?? '';
    const place = url.endsWith('/debugged.js') ? / \/\/ (.*)$/.exec(lines[location.lineNumber] ?? '')?.[1] : undefined;
    return place ?? `${functionName} in ${url.split('/').at(-1)}`;
  }

  /** The value of an expression in the innermost frame, or in another one. */
  async evaluate(pause: Pause, expression: string, frame = 0): Promise<unknown> {
    const { callFrameId } = pause.callFrames[frame] as Protocol.CallFrame;
    const params = { callFrameId, expression, returnByValue: true };
    const { result, exceptionDetails } = await this.post<Protocol.EvaluateOnCallFrameReturnType>(
      'Debugger.evaluateOnCallFrame',
      params,
    );
    return exceptionDetails === undefined ? result.value : (exceptionDetails.exception?.description ?? 'an exception');
  }

  async console(): Promise<Runtime.ConsoleAPICalledEventDataType> {
    return this.event('Runtime.consoleAPICalled');
  }

  /** Lets the program run to its end, whatever it does. */
  async end(): Promise<End> {
    await this.post('Debugger.disable');
    await this.event('NodeRuntime.waitingForDisconnect');
    this.#socket.close();
    return this.#ended;
  }

  /** How it ends by itself. */
  async ended(): Promise<End> {
    // Where the program has nothing more to do, it waits for the debugger.
    const waiting = this.event('NodeRuntime.waitingForDisconnect').then(() => this.#socket.close());
    await Promise.race([waiting, this.#ended]).catch(() => {});
    return this.#ended;
  }

  /** For a test that failed. */
  async kill(): Promise<void> {
    this.#socket.terminate();
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Fails when the program ends first. */
  async #orEnd<T>(promise: Promise<T>, waitingFor: string): Promise<T> {
    const early = this.#ended.then(({ errors, ...end }): T => {
      throw new Error(`ended while waiting for ${waitingFor}: ${JSON.stringify(end)}\n${errors}`);
    });
    return Promise.race([promise, early]);
  }

  #receive(message: Message): void {
    if (message.id !== undefined) {
      this.#answers.get(message.id)?.(message);
      this.#answers.delete(message.id);
      return;
    }
    const { method = '', params } = message;
    if (method === 'Debugger.scriptParsed') {
      const { scriptId, url } = params as Protocol.ScriptParsedEventDataType;
      this.#urls.set(scriptId, url);
      return;
    }
    const waiter = this.#wanted.find((wanted) => wanted.method === method);
    if (waiter === undefined) {
      this.#events.push({ method, params });
      return;
    }
    this.#wanted = this.#wanted.filter((wanted) => wanted !== waiter);
    waiter.resolve(params);
  }
}
