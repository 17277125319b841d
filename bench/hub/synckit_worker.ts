// The Worker of synckit.ts.
import { runAsWorker } from 'synckit';

runAsWorker(() => Promise.resolve(1));
