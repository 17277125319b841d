// Looks at the addon's file before it is loaded: mapping one that is cut short ends the process with SIGBUS, where nothing could be said
// any more. Not a check of its contents: npm compares those with the registry's hash when it unpacks them.
import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** ELF's numbers for the processors that there are addons for. */
const machines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
const headerLength = 64;

/**
 * What keeps the file from being loaded on this processor, as the end of a sentence; null when nothing does, or when there is no file.
 */
export function whatIsWrongWith(file: string, arch: string): string | null {
  const header = Buffer.alloc(headerLength);
  let length: number;
  try {
    const descriptor = openSync(file, 'r');
    try {
      readSync(descriptor, header, 0, headerLength, 0);
      length = fstatSync(descriptor).size;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Missing, or not to be read: the loader itself says so better.
    return null;
  }
  // 64-bit and little-endian, as all machines here.
  if (length < headerLength || header.readUInt32BE(0) !== 0x7f454c46 || header.readUInt16BE(4) !== 0x0201)
    return 'is damaged: it is no library for Linux';
  if (header.readUInt16LE(18) !== machines[arch]) return `is not for ${arch}`;
  // The section headers are the last thing in the file.
  const end = Number(header.readBigUInt64LE(40)) + header.readUInt16LE(58) * header.readUInt16LE(60);
  if (length < end) return `is damaged: it ends after ${length} of ${end} bytes`;
  return null;
}
