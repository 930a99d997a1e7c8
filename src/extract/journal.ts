/**
 * What is in hand, for whoever has to find out what brought a process down. Every worker has a line of a file, and writes
 * into it before it touches a recording: what is written outlives the process, though not the machine.
 */

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { writingSync } from '../files/index.js';

/** A shard and a place in it. */
export interface InFlight {
  readonly shard: number;
  readonly input: number;
}

const LINE_BYTES = 32;

export class Journal {
  readonly #path: string;
  readonly #file: number;
  readonly #line = Buffer.alloc(LINE_BYTES, ' ');
  readonly #at: number;

  /** @param slot of the worker, from 0 */
  constructor(path: string, slot: number) {
    this.#path = path;
    this.#file = openSync(path, 'r+');
    this.#at = slot * LINE_BYTES;
    this.#line.write('\n', LINE_BYTES - 1);
  }

  begin({ shard, input }: InFlight): void {
    this.#write(`${shard} ${input}`);
  }

  /** Nothing is in hand. */
  end(): void {
    this.#write('');
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(text: string): void {
    this.#line.fill(' ', 0, LINE_BYTES - 1);
    this.#line.write(text);
    writingSync(this.#path, () => writeSync(this.#file, this.#line, 0, LINE_BYTES, this.#at));
  }
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
