// All questions, in the order in which `all` asks them.
import { question as create } from './create/question.js';
import { question as gcCost } from './gc_cost/question.js';
import { question as hub } from './hub/question.js';
import { question as io } from './io/question.js';
import { question as parkedMemory } from './parked_memory/question.js';
import { question as primitives } from './primitives/question.js';
import type { Question } from './question.js';
import { question as switching } from './switch/question.js';

export const questions: readonly Question[] = [switching, create, parkedMemory, gcCost, hub, primitives, io];
