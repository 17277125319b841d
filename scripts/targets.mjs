// @ts-check
// What the published package has binaries for: the one list. (lib/core/load_binding.ts says the same to its users; a test compares.)

/** The Node.js majors; each is one ABI. */
export const majors = ['20', '22', '24', '26'];

/** Processors, as Node calls them. */
export const architectures = /** @type {const} */ (['x64', 'arm64']);
