// greenlets/register: for `node --import greenlets/register app.js`, which runs the program's main module in a task, so that it may
// block anywhere, with Node's own blocking functions too, and others go on. The command `greenlets app.js` does the same.
import { evaluateModulesInTasks } from './main/module_evaluation.js';
import { patchAll } from './monkey/index.js';
import { isPoolThread } from './pool/pool_thread.js';

// The threads of a ThreadPool inherit --import, but what runs there is no main module, and blocks as it always has.
if (!isPoolThread()) {
  // Before the program's modules are loaded, and after this file's imports.
  patchAll();
  evaluateModulesInTasks();
}
