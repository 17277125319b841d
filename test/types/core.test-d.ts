// The types of greenlets/core as an ES module sees them. What must not compile is marked with @ts-expect-error.
import {
  type Emit,
  Greenlet,
  GreenletError,
  type GreenletErrorCode,
  GreenletExit,
  type GreenletOptions,
  GreenletTypeError,
  generate,
  getCurrent,
  getTrace,
  type Stats,
  setTrace,
  stats,
  type TraceEvent,
  type TraceFunction,
  trim,
} from 'greenlets/core';
import { expectType } from './expect_type.js';

// The helper itself tells types apart.
expectType<string>()('text' as string);
// @ts-expect-error a number is no string
expectType<string>()(5 as number);
// @ts-expect-error any is not unknown
expectType<unknown>()(5 as any);

// Args and Result come from the function that is given; Messages may be anything then.
const inferred = new Greenlet((text: string, count: number) => text.repeat(count));
expectType<Greenlet<[text: string, count: number], string, any[]>>()(inferred);
expectType<((text: string, count: number) => string) | undefined>()(inferred.run);
expectType<any>()(inferred.switch('text', 2));
inferred.switch();
inferred.switch({ any: 'message' }, 1);
expectType<Greenlet<[], void, any[]>>()(new Greenlet(() => {}));
expectType<Greenlet<[], Promise<number>, any[]>>()(new Greenlet(async () => 1));

// Without a function everything is any.
const untyped: Greenlet = new Greenlet();
expectType<Greenlet<any[], any, any[]>>()(untyped);
untyped.switch(1, 'two', null);
new Greenlet(undefined, untyped);
new Greenlet(null, { parent: untyped });

// With Messages given, only Args and Messages are accepted.
const typed = new Greenlet<[name: string], number, [code: number, flag?: boolean]>((name) => name.length);
typed.switch('the first time');
typed.switch(1);
typed.switch(1, true);
// @ts-expect-error neither the arguments of run nor a message
typed.switch();
// @ts-expect-error neither the arguments of run nor a message
typed.switch({});
// @ts-expect-error too many
typed.switch('name', 'other');
// @ts-expect-error the flag is a boolean
typed.switch(1, 'flag');
// @ts-expect-error run must take what Args say
new Greenlet<[name: string], number>((name: number) => name);
// @ts-expect-error run must return what Result says
new Greenlet<[name: string], number>((name) => name);
// @ts-expect-error run is a function
new Greenlet('run');

// run can be set to another function of its kind.
typed.run = (name) => name.length + 1;
// @ts-expect-error of another kind
typed.run = (name: number) => name;

// Parents and options.
new Greenlet(() => {}, getCurrent());
new Greenlet(() => {}, null);
new Greenlet(() => {}, undefined);
new Greenlet(() => {}, { parent: typed, name: 'child', stackSize: 65_536 });
new Greenlet(() => {}, { parent: null });
new Greenlet(() => {}, { parent: undefined, name: undefined, stackSize: undefined });
// @ts-expect-error no parent
new Greenlet(() => {}, 5);
// @ts-expect-error no such option
new Greenlet(() => {}, { size: 65_536 });
// @ts-expect-error a name is a string
new Greenlet(() => {}, { name: 5 });
const options: GreenletOptions = { parent: inferred };
new Greenlet(() => {}, options);

// Any greenlet can be a parent; null can be read but not set.
expectType<Greenlet | null>()(typed.parent);
typed.parent = inferred;
inferred.parent = typed;
// @ts-expect-error only main has none
typed.parent = null;
// @ts-expect-error no greenlet
typed.parent = {};
const any: Greenlet[] = [inferred, typed, untyped];
any.push(getCurrent());

// The state can only be read.
expectType<boolean>()(typed.started);
expectType<boolean>()(typed.active);
expectType<boolean>()(typed.dead);
expectType<string | null>()(typed.stack);
expectType<string>()(typed.name);
typed.name = 'another';
// @ts-expect-error read only
typed.dead = true;
// @ts-expect-error read only
typed.stack = null;
// @ts-expect-error what is internal is not declared
Greenlet.current();

// throw() takes anything, classes with their arguments too.
typed.throw();
typed.throw(new Error('error'));
typed.throw('anything');
typed.throw(RangeError, 'message', { cause: 'cause' });
expectType<any>()(typed.throw());
expectType<void>()(typed.kill());
expectType<number>()(typed.context.run(() => 1));
// @ts-expect-error no function
typed.context.run(1);
export function block(): void {
  using disposed = new Greenlet(() => {});
  disposed.switch();
}

// Subclasses.
export class Method extends Greenlet<[name: string], number> {
  override run(name: string): number {
    return name.length;
  }
}
export class Field extends Greenlet<[], string> {
  override run = (): string => this.name;
}
export class Own extends Greenlet {
  readonly #step: number;
  constructor(step: number, parent?: Greenlet) {
    super(undefined, parent);
    this.#step = step;
  }
  override run(): number {
    return this.#step;
  }
}
const methods: Greenlet<[name: string], number> = new Method();
methods.switch('name');
expectType<number>()(new Own(1).run());
export class Wrong extends Greenlet<[name: string], number> {
  // @ts-expect-error Result is a number
  override run(): string {
    return '';
  }
}

// generate(): T as given or from emit's annotation, R from the body.
expectType<Generator<string, void, unknown>>()(generate<string>((emit) => emit('value')));
expectType<Generator<number, string, unknown>>()(
  generate((emit: Emit<number>) => {
    emit(1);
    return 'result';
  }),
);
for (const value of generate<string>((emit) => emit('value'))) expectType<string>()(value);
expectType<string[]>()([...generate<string>(() => {})]);
generate<string>((emit) => {
  // @ts-expect-error not a string
  emit(5);
});
// @ts-expect-error no body
generate();
// @ts-expect-error no function
generate(5);

// The rest.
expectType<Greenlet>()(getCurrent());
expectType<TraceFunction | null>()(setTrace(null));
expectType<TraceFunction | null>()(getTrace());
setTrace((event, origin, target) => {
  expectType<TraceEvent>()(event);
  expectType<Greenlet>()(origin);
  expectType<Greenlet>()(target);
});
expectType<'switch' | 'throw'>()('switch' as TraceEvent);
// @ts-expect-error no function
setTrace(5);
expectType<Stats>()(stats());
expectType<'sure' | 'direct'>()(stats().engine);
expectType<'moved' | 'guarded'>()(stats().asyncContext);
expectType<number>()(stats().parked);
expectType<void>()(trim());

// Errors are classes and types of one name; the code is one of a known set.
export function codeOf(error: unknown): GreenletErrorCode | undefined {
  if (error instanceof GreenletTypeError) expectType<GreenletTypeError>()(error);
  if (error instanceof GreenletError || error instanceof GreenletTypeError) return error.code;
  if (error instanceof GreenletExit) expectType<GreenletExit>()(error);
  return undefined;
}
export const known: GreenletErrorCode = 'ERR_GREENLET_NO_MEMORY';
// @ts-expect-error no such code
export const unknownCode: GreenletErrorCode = 'ERR_GREENLET_ANYTHING';
new GreenletExit('message', { cause: 'cause' });
export class SpecialExit extends GreenletExit {}
