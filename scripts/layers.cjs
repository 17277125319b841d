// The import rules, for dependency-cruiser (`npm run lint:layers`): imports point down, and never in a circle.
// lib/hub, lib/sync, … stand on lib/core; lib/core stands on Node and the addon alone.

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'A circle of imports: what is shared belongs into a file below both. Types may point back.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-is-the-bottom',
      comment: 'lib/core imports nothing above it.',
      severity: 'error',
      from: { path: '^lib/core/' },
      to: { path: '^lib/', pathNot: '^lib/core/' },
    },
    {
      name: 'addon-by-binding-only',
      comment: 'lib/core/load_binding.ts alone finds the addon.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/core/load_binding[.]ts$' },
      to: { path: 'node_modules/bindings/' },
    },
    {
      name: 'binding-in-core-only',
      comment:
        'Above lib/core nobody speaks to the addon: only what greenlets/core exports is used, and what upper.ts lends.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/core/' },
      to: { path: '^lib/core/', pathNot: '^lib/core/(index|upper)[.]ts$' },
    },
    {
      name: 'hub-on-core-only',
      comment: 'lib/hub imports nothing but lib/core.',
      severity: 'error',
      from: { path: '^lib/hub/' },
      to: { path: '^lib/', pathNot: '^lib/(core|hub)/' },
    },
    {
      name: 'hub-by-its-index',
      comment:
        'What is internal to lib/hub is not exported by its index; upper.ts lends some of it to the layers above.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/hub/' },
      to: { path: '^lib/hub/', pathNot: '^lib/hub/(index|upper)[.]ts$' },
    },
    {
      name: 'sync-below-pool',
      comment: 'lib/sync stands on lib/hub alone.',
      severity: 'error',
      from: { path: '^lib/sync/' },
      to: { path: '^lib/', pathNot: '^lib/(core|hub|sync)/' },
    },
    {
      name: 'pool-below-green',
      comment: 'lib/pool stands on lib/sync and what is below.',
      severity: 'error',
      from: { path: '^lib/pool/' },
      to: { path: '^lib/', pathNot: '^lib/(core|hub|sync|pool)/' },
    },
    {
      name: 'green-below-monkey',
      comment:
        'lib/green stands on lib/pool and what is below; monkey.ts puts its twins in the place of the originals.',
      severity: 'error',
      from: { path: '^lib/green/' },
      to: { path: '^lib/', pathNot: '^lib/(core|hub|sync|pool|green)/' },
    },
    {
      name: 'shipped-imports-only',
      comment: 'What ships may import only what is installed with it.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'], pathNot: '@types/' },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere would leave the rules above blind.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.esm.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
