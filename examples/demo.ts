// `npm run demo`: runs some of the examples one after another, a web crawler last, and sums up. Each is a program of its own, too.
const parts = [
  { title: 'Two tasks take turns', file: 'ping_pong' },
  { title: 'An ordinary recursive walk, read one entry at a time', file: 'walk' },
  { title: "Stopping inside native code's callbacks", file: 'native_callbacks' },
  { title: 'A web crawler without async and await, and with them', file: 'crawler' },
];

const summary: string[] = [];
for (const [i, { title, file }] of parts.entries()) {
  console.log(`${i + 1}. ${title} (examples/${file}.ts)\n`);
  try {
    const { conclusion } = (await import(`./${file}.js`)) as { conclusion: string };
    summary.push(`  ok      ${conclusion}`);
  } catch (error) {
    console.error(error);
    summary.push(`  FAILED  ${title}`);
    process.exitCode = 1;
  }
  console.log();
}

console.log(`Summary (Node.js ${process.versions.node})\n`);
for (const line of summary) console.log(line);
