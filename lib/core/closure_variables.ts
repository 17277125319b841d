// Reads the variables that a function of Node's own closes over. The inspector shows them as objects that it can pass to a function; no
// other public way exists. Not for what is done with them, nor for whether they are what they seem: whoever asks has to check.
import type { Session } from 'node:inspector';

type Closure = (...args: never[]) => unknown;

/** Carries the function into the inspector, and what was found out of it. */
interface Exchange {
  readonly closure: Closure;
  found: unknown[];
}

/**
 * The values of these variables, by name. Takes about 3 milliseconds. Leaves nothing behind: the inspector session is closed whatever
 * happens, and a debugger that is attached besides goes on undisturbed. Throws an Error that says why they are not to be had.
 */
export function closureVariables(closure: Closure, names: readonly string[]): Record<string, unknown> {
  // Undefined in a Node that was built without the inspector.
  const inspector = process.getBuiltinModule('node:inspector');
  if (inspector === undefined) throw new Error('this Node.js was built without the inspector');
  const session = new inspector.Session();
  session.connect(); // Throws under the permission model, unless --allow-inspector is given (Node 24 on).
  try {
    const exchange: Exchange = { closure, found: [] };
    const exchangeId = publish(session, exchange);
    const variables = remoteVariables(session, exchangeId, closure.name);
    const objectIds = names.map((name) => variables.get(name) ?? missing(name));
    post(session, 'Runtime.callFunctionOn', {
      objectId: exchangeId,
      functionDeclaration: 'function (...found) { this.found = found; }',
      arguments: objectIds.map((objectId) => ({ objectId })),
    });
    return Object.fromEntries(names.map((name, i) => [name, exchange.found[i]]));
  } finally {
    session.disconnect();
  }
}

/** The inspector's handle for `exchange`. */
function publish(session: Session, exchange: Exchange): string {
  // What is evaluated sees nothing but globals. This is the process object itself even where `process` is a test runner's
  // copy in a vm context, and unlike the intrinsics nobody freezes it.
  const host = process.getBuiltinModule('node:process');
  const name = '__greenletsExchange';
  Object.defineProperty(host, name, { value: exchange, configurable: true });
  try {
    const { result } = post(session, 'Runtime.evaluate', { expression: `process.${name}` }) as { result: RemoteObject };
    return result.objectId ?? missing('process');
  } finally {
    Reflect.deleteProperty(host, name);
  }
}

interface RemoteObject {
  readonly objectId?: string;
  readonly description?: string;
}

interface RemoteProperties {
  readonly result: ReadonlyArray<{ readonly name: string; readonly value?: RemoteObject }>;
  readonly internalProperties?: ReadonlyArray<{ readonly name: string; readonly value?: RemoteObject }>;
}

/** The variables that exchange.closure closes over, by name, as the inspector's handles. */
function remoteVariables(session: Session, exchangeId: string, functionName: string): Map<string, string> {
  const properties = (objectId: string) =>
    post(session, 'Runtime.getProperties', { objectId, ownProperties: true }) as RemoteProperties;
  const closure = properties(exchangeId).result.find(({ name }) => name === 'closure')?.value?.objectId;
  const scopes = properties(closure ?? missing(functionName)).internalProperties?.find(
    ({ name }) => name === '[[Scopes]]',
  )?.value?.objectId;
  const variables = new Map<string, string>();
  for (const { value: scope } of properties(scopes ?? missing('[[Scopes]]')).result) {
    // The global scope is long, and reading it would run getters that load modules lazily.
    if (scope?.objectId === undefined || scope.description?.startsWith('Closure') !== true) continue;
    for (const { name, value } of properties(scope.objectId).result) {
      if (value?.objectId !== undefined) variables.set(name, value.objectId);
    }
  }
  return variables;
}

function post(session: Session, method: string, params: object): unknown {
  let answer: { readonly error: Error | null; readonly result: unknown } | undefined;
  session.post(method, params, (error, result?: unknown) => {
    answer = { error, result };
  });
  // A session of the same thread answers before post() returns.
  if (answer === undefined) throw new Error(`the inspector did not answer ${method}`);
  if (answer.error !== null) throw answer.error;
  const { exceptionDetails } = answer.result as { exceptionDetails?: { text: string } };
  if (exceptionDetails !== undefined) throw new Error(`the inspector failed at ${method}: ${exceptionDetails.text}`);
  return answer.result;
}

// Not covered: every Node that is supported shows them.
function missing(what: string): never {
  throw new Error(`the inspector does not show ${what}`);
}
