// @ts-check
// Prints which Node this is and which way of switching it got. Fails where the library does not load, or took another way than
// GREENLETS_ENGINE asks for.
import { stats } from 'greenlets/core';
import { fail } from './project.mjs';

const { engine, engineReason } = stats();
const { node, v8, modules } = process.versions;
console.log(
  `Node ${node}, ABI ${modules}, V8 ${v8}, ${process.platform}-${process.arch}: engine ${engine}${engineReason ? ` (${engineReason})` : ''}`,
);
const asked = process.env.GREENLETS_ENGINE ?? engine;
if (asked !== engine) fail(`GREENLETS_ENGINE=${asked} was asked for`);
