// @ts-check
// Makes the reference of every public entry and the guides of docs/ into one static site, out/docs. A warning is an error: a link that
// leads nowhere, something public that is not explained. Whether the site works in a browser is check_docs.mjs's to say.
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Application, Converter, ReflectionKind } from 'typedoc';
import { fail, isMain, root, secondsSince } from './project.mjs';

export const site = path.join(root, 'out', 'docs');

/** In the order in which they are to be read. Any other file of docs/ follows, by its name. */
const guides = [
  'what-a-greenlet-is.md',
  'scheduling.md',
  'async-context.md',
  'debugging.md',
  'performance.md',
  'how-a-switch-works.md',
  'limits.md',
];

/** The source file of each public entry, and the entry as users import it. @returns {Map<string, string>} */
function entries() {
  const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const modules = Object.entries(exports).filter(([, conditions]) => typeof conditions !== 'string');
  return new Map(
    modules.map(([subpath, conditions]) => [
      conditions.import.default.replace(/^\.\/dist\/esm\/(.*)\.js$/, 'lib/$1.ts'),
      path.posix.join('greenlets', subpath),
    ]),
  );
}

// A copy of lib/ in which each layer's index.ts exports its own definitions, and not the first copy's under the same names: those have
// their pages, with parameters and comments.
const sources = path.join(root, 'out', 'docs_sources');

function copySources() {
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources, { recursive: true });
  cpSync(path.join(root, 'lib'), path.join(sources, 'lib'), { recursive: true });
  copyFileSync(path.join(root, 'tsconfig.base.json'), path.join(sources, 'tsconfig.base.json'));
  copyFileSync(path.join(root, 'tsconfig.esm.json'), path.join(sources, 'tsconfig.json'));
  // It is of ES modules too.
  writeFileSync(path.join(sources, 'package.json'), '{ "type": "module" }\n');
  for (const name of readdirSync(path.join(sources, 'lib'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const file = path.join(sources, 'lib', name);
    const text = readFileSync(file, 'utf8');
    const own = text.match(/^import \* as own from ('.*');$/m)?.[1];
    if (own === undefined) continue;
    /** @type {string[]} */
    const names = [];
    const exported = text
      .replaceAll(/^export const (\w+): typeof own\.\1 =[^;]*;$/gm, (_, /** @type {string} */ each) => {
        names.push(each);
        return '';
      })
      .replaceAll(/^export type (\w+)(?:<[^;]*>)? =\s+own\.\1[^;]*;$/gm, '')
      .replaceAll(/^const \w+: typeof own = [^;]*;$/gm, '');
    // Imported, for what stands beside them may use them.
    writeFileSync(file, `${exported}\nimport { ${names.join(', ')} } from ${own};\nexport { ${names.join(', ')} };\n`);
  }
}

function guideFiles() {
  const names = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const rank = (/** @type {string} */ name) => [...guides, name].indexOf(name);
  return names.sort((one, other) => rank(one) - rank(other)).map((name) => `docs/${name}`);
}

export async function buildDocs() {
  const started = performance.now();
  rmSync(site, { recursive: true, force: true });
  copySources();
  const modules = entries();
  // The plugin's options are not in TypeDoc's types.
  const options = /** @type {Partial<import('typedoc').TypeDocOptions>} */ (
    /** @type {unknown} */ ({
      name: 'greenlets',
      entryPoints: [...modules.keys()].map((file) => path.join(sources, file)),
      // Types that are used and not exported have pages too, in a module of their own below each entry.
      plugin: ['typedoc-plugin-missing-exports'],
      internalModule: 'not exported',
      collapseInternalModule: true,
      tsconfig: path.join(sources, 'tsconfig.json'),
      basePath: root,
      readme: path.join(root, 'README.md'),
      projectDocuments: [...guideFiles(), 'CONTRIBUTING.md', 'CHANGELOG.md'],
      sortEntryPoints: false,
      sort: ['kind', 'documents-last', 'source-order'],
      out: site,
      includeVersion: true,
      excludeInternal: true,
      excludePrivate: true,
      excludeExternals: true,
      disableSources: true,
      searchInDocuments: true,
      searchInComments: true,
      categorizeByGroup: false,
      navigation: { includeGroups: false, includeCategories: false },
      validation: { invalidLink: true, invalidPath: true, notExported: true, notDocumented: false },
      treatWarningsAsErrors: true,
      treatValidationWarningsAsErrors: true,
      highlightLanguages: ['typescript', 'javascript', 'bash', 'sh', 'shell', 'json', 'python', 'console'],
      customCss: path.join(root, 'docs', 'site.css'),
      // Nothing from elsewhere, and no statistics.
      hideGenerator: true,
      githubPages: true,
    })
  );
  const app = await Application.bootstrapWithPlugins(options);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const module of context.project.getReflectionsByKind(ReflectionKind.Module)) {
      const file = path.relative(
        sources,
        context.getSymbolFromReflection(module)?.declarations?.[0]?.getSourceFile().fileName ?? '',
      );
      module.name = modules.get(file) ?? module.name;
    }
    // The plugin takes accessors that a class overrides for exports that are missing: they have no page to link to.
    for (const accessor of context.project.getReflectionsByKind(ReflectionKind.Accessor)) {
      if (accessor.parent?.kindOf(ReflectionKind.Module)) context.project.removeReflection(accessor);
    }
    // A guide is called as its first heading says, in the menu and in its address.
    for (const guide of context.project.getReflectionsByKind(ReflectionKind.Document)) {
      const [first] = /** @type {import('typedoc').DocumentReflection} */ (guide).content;
      guide.name = first?.text.match(/^# (.*)$/m)?.[1] ?? guide.name;
    }
  });
  const project = await app.convert();
  if (!project) throw new Error('docs: the sources have errors (see above)');
  app.validate(project);
  if (!app.logger.hasErrors() && !app.logger.hasWarnings()) await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('docs: warnings are errors here (see above)');
  console.log(`${path.relative(root, site)}: ${modules.size} entries: ${secondsSince(started)}`);
}

if (isMain(import.meta)) await buildDocs().catch(fail);
