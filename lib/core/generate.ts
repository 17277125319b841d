// Iterators whose values are emitted from inside ordinary calls. Not for anything asynchronous.
import { binding } from './binding.js';
import { GreenletError, GreenletExit, GreenletTypeError } from './errors.js';
import { Greenlet, getCurrent } from './greenlet.js';

/** Gives a value to the consumer of the iterator and returns when it asks for the next one. */
export type Emit<T> = (value: T) => void;

/**
 * What the body and the consumer share. It must not lead to the body's Greenlet, which the body's own stack would then keep alive:
 * an iterator that is dropped half way could never be collected.
 */
interface Exchange<T> {
  /** Who waits in next(), while the body runs. */
  consumer: Greenlet | null;
  /** Who called emit(), where it was not the body itself but a greenlet that it runs. */
  emitter: WeakRef<Greenlet> | null;
  /** The body's coroutine. */
  bodyId: number;
  state: 'running' | 'emitted' | 'returned' | 'threw';
  value: T | undefined;
  result: unknown;
}

/** Ends a body for return(value); uncaught, it is what return() asked for. */
class GeneratorReturn extends GreenletExit {
  readonly value: unknown;

  constructor(value: unknown) {
    super();
    this.value = value;
  }
}

class EmittedValues<T, R> implements Generator<T, R, unknown> {
  readonly #exchange: Exchange<T>;
  readonly #body: Greenlet;
  #finished = false;
  #return: GeneratorReturn | null = null;

  constructor(body: (emit: Emit<T>) => R) {
    const exchange: Exchange<T> = {
      consumer: null,
      emitter: null,
      bodyId: -1,
      state: 'running',
      value: undefined,
      result: undefined,
    };
    this.#exchange = exchange;
    this.#body = new Greenlet(() => runBody(exchange, body), { name: 'generate' });
  }

  next(): IteratorResult<T, R> {
    if (this.#finished) return { done: true, value: undefined as R };
    this.#ask();
    this.#emitter().switch();
    return this.#answer();
  }

  return(value: any): IteratorResult<T, R> {
    if (this.#finished || !this.#body.started) {
      this.#refuseReentry();
      this.#finished = true;
      return { done: true, value };
    }
    this.#ask();
    this.#return = new GeneratorReturn(value);
    this.#emitter().throw(this.#return);
    return this.#answer();
  }

  throw(error: unknown): IteratorResult<T, R> {
    if (this.#finished || !this.#body.started) {
      this.#refuseReentry();
      this.#finished = true;
      throw error;
    }
    this.#ask();
    this.#emitter().throw(error);
    return this.#answer();
  }

  [Symbol.iterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.return(undefined);
  }

  get [Symbol.toStringTag](): string {
    return 'Generator';
  }

  #refuseReentry(): void {
    if (this.#exchange.consumer !== null) throw new TypeError('Generator is already running');
  }

  #ask(): void {
    this.#refuseReentry();
    const consumer = getCurrent();
    // The body's end comes to whoever asked last.
    this.#body.parent = consumer;
    this.#exchange.consumer = consumer;
    this.#exchange.state = 'running';
  }

  #emitter(): Greenlet {
    return this.#exchange.emitter?.deref() ?? this.#body;
  }

  #answer(): IteratorResult<T, R> {
    const exchange = this.#exchange;
    const { state, value, result } = exchange;
    exchange.consumer = null;
    exchange.value = undefined;
    if (state === 'emitted') return { done: false, value: value as T };
    if (state === 'running') {
      throw new GreenletError(
        'ERR_GREENLET_INVALID_EMIT',
        'Somebody else switched to the greenlet that waits for a value of generate(): only emit() may. ' +
          'Let other greenlets switch to one of their own.',
      );
    }
    this.#finished = true;
    exchange.result = undefined;
    if (state === 'returned') return { done: true, value: result as R };
    // It may have emitted from a finally block before it got here.
    if (result === this.#return && this.#return !== null) return { done: true, value: this.#return.value as R };
    throw result;
  }
}

// What for…of and, where the Node has them, map(), filter() and the like come from.
Object.setPrototypeOf(EmittedValues.prototype, Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())));

function runBody<T, R>(exchange: Exchange<T>, body: (emit: Emit<T>) => R): void {
  exchange.bodyId = binding.ids[0] as number;
  try {
    exchange.result = body((value) => emit(exchange, value));
    exchange.state = 'returned';
  } catch (error) {
    // Nobody asked when the collector ended an iterator that was dropped half way: the error goes the way of greenlets.
    if (exchange.consumer === null) throw error;
    exchange.result = error;
    exchange.state = 'threw';
  }
}

function emit<T>(exchange: Exchange<T>, value: T): void {
  const { consumer } = exchange;
  if (consumer === null) {
    throw new GreenletError(
      'ERR_GREENLET_INVALID_EMIT',
      'emit() was called while nobody asks for a value. Call it only from the body that generate() runs, before the body returns.',
    );
  }
  exchange.consumer = null;
  exchange.state = 'emitted';
  exchange.value = value;
  exchange.emitter = binding.ids[0] === exchange.bodyId ? null : new WeakRef(getCurrent());
  consumer.switch();
}

/**
 * An iterator whose values `body` emits from any call depth, through any native frame: sort, map, replace, toJSON, getters. The body
 * runs in a greenlet, only while somebody asks for a value.
 *
 * Guarantees: next(), return() and throw() behave as a generator's; an early `break` ends the body, and its finally blocks run. An
 * iterator that is dropped half way ends its body when it is garbage-collected. Not guaranteed: when that is.
 * @throws GreenletTypeError ERR_GREENLET_INVALID_ARG when `body` is no function.
 * @throws GreenletError ERR_GREENLET_INVALID_EMIT from `emit`, when nobody asks for a value.
 * @example
 * const letters = generate((emit) => 'abc'.replace(/./g, (letter) => { emit(letter); return ''; }));
 * [...letters]; // ['a', 'b', 'c']
 */
export function generate<T, R = void>(body: (emit: Emit<T>) => R): Generator<T, R, unknown> {
  if (typeof body !== 'function') {
    throw new GreenletTypeError(
      'ERR_GREENLET_INVALID_ARG',
      `generate() takes a function (emit) => result, not ${body === null ? 'null' : typeof body}.`,
    );
  }
  return new EmittedValues(body);
}
