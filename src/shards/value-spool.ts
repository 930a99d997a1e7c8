import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { UNFINISHED, writingSync } from '../files/index.js';
import { chunksOf } from './chunks.js';
import type { HashedFile } from './hashed-file.js';

/** Numbers of a shard whose file begins with something that is known only at the end. */
export class ValueSpool {
  readonly #path: string;
  /** Opened by the first numbers. */
  #file: number | null = null;

  constructor(folder: string, name: string) {
    this.#path = join(folder, `${name}.values.${randomUUID()}${UNFINISHED}`);
  }

  add(values: Float32Array): void {
    this.#write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  addFile(path: string): void {
    for (const chunk of chunksOf(path)) this.#write(chunk);
  }

  /** Behind what the file has already. */
  copyTo(file: HashedFile): void {
    if (this.#file === null) return;
    for (const chunk of chunksOf(this.#path)) file.write([chunk]);
  }

  /** May be called again: what ends well and then cannot be published is given up as well. */
  remove(): void {
    const file = this.#file;
    this.#file = null;
    if (file !== null) closeSync(file);
    rmSync(this.#path, { force: true });
  }

  #write(bytes: Uint8Array): void {
    writingSync(this.#path, () => {
      this.#file ??= openSync(this.#path, 'wx');
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    });
  }
}
