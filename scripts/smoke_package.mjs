// @ts-check
// Installs a tarball of the package as its users do, into an empty folder, with no install script allowed and no compiler to be found,
// and uses it there: every entry as an ES module, as CommonJS and from TypeScript, under every supported Node. Not for what the entries do.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fetchNode } from './fetch_node.mjs';
import { capture, describeNode, root, secondsSince } from './project.mjs';
import { majors } from './targets.mjs';

const program = `
const log = [];
const ping = new Greenlet(() => { log.push('ping'); pong.switch(); log.push('ping again'); });
const pong = new Greenlet(() => { log.push('pong'); ping.switch(); });
ping.switch();
const slow = () => { sleep(1); return 'slept'; };
run(() => log.push(spawn(slow).get())).then(() => console.log(log.join(', ')));
`;
const printed = 'ping, pong, ping again, slept\n';
const names = 'Greenlet, run, sleep, spawn';

/**
 * Whoever imports it has their program changed: it is for `node --import`.
 * @param {string} entry
 */
const changesProgram = (entry) => entry.endsWith('/register');

/** @param {boolean} condition @param {string} message */
function check(condition, message) {
  if (!condition) throw new Error(`check:package: ${message}`);
}

/**
 * @param {string} tarball
 * @param {string[]} entries as users import them: 'greenlets', 'greenlets/core', …
 */
export function smokePackage(tarball, entries) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'greenlets-package-'));
  try {
    const started = performance.now();
    install(tarball, folder);
    console.log(`installed with no script and no compiler: ${secondsSince(started)}`);
    writePrograms(folder, entries);
    compile(folder, entries);
    for (const major of majors) runUnder(fetchNode(major).execPath, folder, entries);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * An environment in which there is one Node, the shell, and nothing to compile with.
 * @param {string} folder
 * @param {string} execPath
 */
function bareEnvironment(folder, execPath) {
  const bin = path.join(folder, 'bin', describeNode(execPath).version);
  rmSync(bin, { recursive: true, force: true });
  mkdirSync(bin, { recursive: true });
  symlinkSync(execPath, path.join(bin, 'node'));
  symlinkSync(realpathSync('/bin/sh'), path.join(bin, 'sh'));
  return { HOME: folder, PATH: bin, npm_config_registry: capture('npm', ['config', 'get', 'registry']).trim() };
}

/** @param {string} tarball @param {string} folder */
function install(tarball, folder) {
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const npm = realpathSync(capture('sh', ['-c', 'command -v npm']).trim());
  const cache = capture('npm', ['config', 'get', 'cache']).trim();
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', `--cache=${cache}`];
  const env = bareEnvironment(folder, process.execPath);
  capture(process.execPath, [npm, 'install', ...options, tarball], { cwd: folder, env });
}

/** @param {string} folder @param {string[]} entries */
function writePrograms(folder, entries) {
  /** @param {string} name @param {string} text */
  const write = (name, text) => writeFileSync(path.join(folder, name), text);
  write('smoke.mjs', `import { ${names} } from 'greenlets';${program}`);
  write('smoke.cjs', `const { ${names} } = require('greenlets');${program}`);
  write('registered.mjs', "import { sleep } from 'greenlets'; sleep(1); console.log('slept');\n");
  write('registered.cjs', "require('greenlets').sleep(1); console.log('slept');\n");

  // Both copies of every entry in one process: the same names, and the same library (one registry of greenlets and one hub).
  const list = JSON.stringify(entries.filter((entry) => !changesProgram(entry)));
  write(
    'entries.mjs',
    `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const entry of ${list}) {
  const [imported, required] = [await import(entry), require(entry)];
  const names = (module) => Object.keys(module).filter((name) => !/^(default|module.exports|__esModule)$/.test(name)).sort().join();
  if (names(imported) === '') throw new Error(entry + ' exports nothing');
  if (names(imported) !== names(required)) throw new Error(entry + ': ' + names(imported) + ' / ' + names(required));
}
const [one, other] = [await import('greenlets'), require('greenlets')];
console.log(one.getCurrent() === other.getCurrent() && one.hub === other.hub);
`,
  );
}

/**
 * Type-checks a program in each kind of module and way of resolution; nothing of this project's own settings.
 * @param {string} folder
 * @param {string[]} entries
 */
function compile(folder, entries) {
  const started = performance.now();
  const typed = `
const answers: string[] = [];
const questions = new Greenlet((first: number): number => first + 1);
const answer: number = questions.switch(1) as number;
run((name: string) => answers.push(name, String(spawn((): boolean => { sleep(1); return true; }).get())), 'a').then((length: number) => console.log(length + answer));
`;
  const uses = entries.map((entry, i) => `import * as entry${i} from '${entry}';\nexport { entry${i} };\n`).join('');
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  for (const [module, resolution, files] of /** @type {const} */ ([
    ['node16', 'node16', ['typed.mts', 'typed.cts', 'entries_of.mts', 'entries_of.cts']],
    ['preserve', 'bundler', ['typed.ts', 'entries_of.ts']],
  ])) {
    for (const file of files) {
      const text = file.startsWith('typed') ? `import { ${names} } from 'greenlets';${typed}` : uses;
      writeFileSync(path.join(folder, file), text);
    }
    const config = {
      compilerOptions: {
        ...{ module, moduleResolution: resolution, target: 'es2022', lib: ['es2023', 'esnext.disposable'] },
        ...{ strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, outDir: `compiled-${resolution}` },
        ...{ types: ['node'], typeRoots: [path.join(root, 'node_modules', '@types')] },
      },
      files,
    };
    writeFileSync(path.join(folder, `tsconfig.${resolution}.json`), JSON.stringify(config));
    capture(process.execPath, [tsc, '-p', `tsconfig.${resolution}.json`], { cwd: folder });
  }
  console.log(`types: node16, bundler: ${secondsSince(started)}`);
}

/** @param {string} execPath @param {string} folder @param {string[]} entries */
function runUnder(execPath, folder, entries) {
  const started = performance.now();
  const env = bareEnvironment(folder, execPath);
  /** @param {string[]} args @param {string} expected */
  const expectOutput = (args, expected) => {
    const output = capture(execPath, args, { cwd: folder, env });
    check(output === expected, `node ${args.join(' ')} printed: ${output}`);
  };
  expectOutput(['smoke.mjs'], printed);
  expectOutput(['smoke.cjs'], printed);
  expectOutput(['compiled-node16/typed.mjs'], '4\n');
  expectOutput(['compiled-node16/typed.cjs'], '4\n');
  expectOutput(['entries.mjs'], 'true\n');
  for (const main of ['registered.mjs', 'registered.cjs']) {
    if (entries.some(changesProgram)) expectOutput(['--import', 'greenlets/register', main], 'slept\n');
    for (const command of Object.keys(commandsOf(folder)))
      expectOutput([path.join('node_modules', '.bin', command), main], 'slept\n');
  }
  console.log(`Node ${describeNode(execPath).version}: every entry works: ${secondsSince(started)}`);
}

/** @param {string} folder @returns {Record<string, string>} */
function commandsOf(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'node_modules', 'greenlets', 'package.json'), 'utf8')).bin ?? {};
}
