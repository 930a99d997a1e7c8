/**
 * What is in hand, for whoever has to find out what brought a process down. Every worker has a line of a file, its native
 * `Journal`, and writes into it before it touches a recording: what is written outlives the process, though not the machine.
 */

import { closeSync, openSync, readFileSync } from 'node:fs';
import { writingSync } from '../files/index.js';

/** A shard and a place in it. */
export interface InFlight {
  readonly shard: number;
  readonly input: number;
}

/** An empty journal. */
export function createJournal(path: string): void {
  writingSync(path, () => closeSync(openSync(path, 'w')));
}

export function readJournal(path: string): InFlight[] {
  const found: InFlight[] = [];
  for (const line of readFileSync(path, 'latin1').split('\n')) {
    const [shard, input] = line.replaceAll('\0', '').trim().split(' ');
    if (shard && input) found.push({ shard: Number(shard), input: Number(input) });
  }
  return found;
}
