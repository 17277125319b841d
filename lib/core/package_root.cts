// Where this package lies: a CommonJS file in both builds, since only CommonJS has __dirname in every bundler and loader, and
// import.meta cannot be compiled to CommonJS.
import path = require('node:path');

/** The folder of package.json, seen from dist/<esm or cjs>/core. */
const packageRoot: string = path.join(__dirname, '..', '..', '..');

export = packageRoot;
