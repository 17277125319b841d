// The list of those who wait and of tasks that live: who joins it at either end, and who leaves it from anywhere.
import { expect, it } from 'vitest';
import { Line, type Placed } from '../../dist/esm/hub/line.js';

class Entry implements Placed {
  readonly name: number;
  line: Line<Entry> | null = null;
  before: Placed | null = null;
  behind: Placed | null = null;

  constructor(name: number) {
    this.name = name;
  }
}

const namesOf = (line: Line<Entry>) => line.toArray().map(({ name }) => name);

it('keeps the order, whichever end an entry comes to', () => {
  const line = new Line<Entry>();
  const [zero, one, two] = [0, 1, 2].map((name) => new Entry(name)) as [Entry, Entry, Entry];
  line.addFirst(one);
  line.add(two);
  line.addFirst(zero);
  expect(namesOf(line)).toEqual([0, 1, 2]);
  expect([line.length, line.first?.name, zero.behind, one.before]).toEqual([3, 0, one, zero]);
  expect([line.shift(), line.shift(), line.shift(), line.shift()]).toEqual([zero, one, two, null]);
});

it('lets anybody leave, who then knows no neighbour any more', () => {
  for (let left = 0; left < 4; left++) {
    const line = new Line<Entry>();
    const entries = Array.from({ length: 4 }, (_, name) => new Entry(name));
    for (const entry of entries) line.add(entry);
    const leaver = entries[left] as Entry;
    line.remove(leaver);
    // Who does not stand in it cannot leave it.
    line.remove(leaver);
    expect(leaver).toEqual({ name: left, line: null, before: null, behind: null });
    expect(namesOf(line)).toEqual([0, 1, 2, 3].filter((name) => name !== left));
    expect(line.length).toBe(3);
    line.add(leaver);
    expect(namesOf(line).at(-1)).toBe(left);
  }
});
