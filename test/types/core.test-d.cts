// The types of greenlets/core as a CommonJS module sees them, by require's half of "exports". What they mean: core.test-d.ts.
import core = require('greenlets/core');
import types = require('./expect_type.js');

const { Greenlet, GreenletExit, generate, getCurrent } = core;

const inferred = new Greenlet((text: string) => text.length);
const asType: core.Greenlet<[text: string], number> = inferred;
asType.switch('text');
const typed = new Greenlet<[], void, [code: number]>(() => {});
typed.switch(1);
// @ts-expect-error neither the arguments of run nor a message
typed.switch('text');
// @ts-expect-error only main has no parent
typed.parent = null;
const parent: core.Greenlet | null = getCurrent().parent;
const values: Generator<number, string, unknown> = generate((emit: core.Emit<number>) => {
  emit(1);
  return 'result';
});
const options: core.GreenletOptions = { parent: typed };
const code: core.GreenletErrorCode = 'ERR_GREENLET_CYCLE';

class Method extends Greenlet<[], number> {
  override run(): number {
    return 1;
  }
}

export = { parent, values, options, code, types, exit: new GreenletExit(), method: new Method() };
