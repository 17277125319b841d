// greenlets/register: for `node --import greenlets/register app.js`, which runs the program's main module in a task, so that it may
// block anywhere. The command `greenlets app.js` does the same.
//
// The place for monkey.patchAll(): before the main module is loaded, after this file's imports.
import { evaluateModulesInTasks } from './main/module_evaluation.js';
import { isPoolThread } from './pool/pool_thread.js';

// The threads of a ThreadPool inherit --import.
if (!isPoolThread()) evaluateModulesInTasks();
