// Stops inside callbacks that native code calls: a sort's comparator, String.replace, JSON.stringify's toJSON. A generator or an
// async function cannot: `yield` and `await` reach no further than their own function.
import assert from 'node:assert/strict';
import { Greenlet, getCurrent } from 'greenlets/core';

/** Stops the running greenlet with a question for its parent, and returns the answer. An ordinary function for ordinary code. */
function ask(question: string): any {
  return getCurrent().parent!.switch(question);
}

/** Runs `work` in a greenlet and answers whatever it asks. Returns the questions and the result. */
function answering<Result>(work: () => Result, answer: (question: string) => unknown) {
  const questions: string[] = [];
  const greenlet = new Greenlet(work);
  let message = greenlet.switch();
  while (!greenlet.dead) {
    const reply = answer(message);
    console.log(`  asked: ${message.padEnd(20)} answered: ${reply}`);
    questions.push(message);
    message = greenlet.switch(reply);
  }
  return { questions, result: message as Result };
}

console.log('  Array.prototype.sort, stopped in its comparator:');
const sizes: Record<string, number> = { mouse: 1, cat: 2, horse: 3, whale: 4 };
const sorted = answering(
  () => ['whale', 'cat', 'horse', 'mouse'].sort((a, b) => ask(`${a} or ${b}?`)),
  (question) => {
    const [a, b] = question.slice(0, -1).split(' or ') as [string, string];
    return sizes[a]! - sizes[b]!;
  },
);
console.log(`  result: ${sorted.result.join(' < ')}\n`);
assert.deepEqual(sorted.result, ['mouse', 'cat', 'horse', 'whale']);

console.log('  String.prototype.replace, stopped in its callback:');
const values: Record<string, string> = { name: 'Ada', city: 'London' };
const replaced = answering(
  () => 'Dear {name} from {city}'.replace(/\{(\w+)\}/g, (_, key) => ask(key)),
  (question) => values[question],
);
console.log(`  result: ${replaced.result}\n`);
assert.equal(replaced.result, 'Dear Ada from London');
assert.deepEqual(replaced.questions, ['name', 'city']);

console.log('  JSON.stringify, stopped in toJSON:');
class Price {
  constructor(readonly item: string) {}

  toJSON(): number {
    return ask(`price of ${this.item}?`);
  }
}
const prices: Record<string, number> = { tea: 3, cake: 5 };
const stringified = answering(
  () => JSON.stringify({ drink: new Price('tea'), food: [new Price('cake')] }),
  (question) => prices[question.slice('price of '.length, -1)],
);
console.log(`  result: ${stringified.result}`);
assert.equal(stringified.result, '{"drink":3,"food":[5]}');
assert.deepEqual(stringified.questions, ['price of tea?', 'price of cake?']);

/** One line for the demo's summary. */
export const conclusion =
  'sort, replace and JSON.stringify were stopped in the middle, and ended with the right results';
