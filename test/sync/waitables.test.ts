// Everything that can be waited for behaves the same.
import { describeWaitable } from '../behaviours/waitable_suite.js';
import { waitables } from '../behaviours/waitables.js';

for (const waitable of waitables) describeWaitable(waitable);
