import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { UNFINISHED, writingSync } from '../files/index.js';
import type { UnpublishedFile } from './publish-files.js';

/** Buffers that the system takes in one call (IOV_MAX of Linux and macOS). */
const MOST_BUFFERS = 1024;

/**
 * A file that is written from front to back and hashed as it goes, under a temporary name.
 *
 * @throws ParameterError `ERR_WRITE`, all of it
 */
export class HashedFile {
  readonly #folder: string;
  readonly #name: string;
  readonly #temporary: string;
  readonly #hash = createHash('sha256');
  /** Opened by the first bytes: so a sink of several files that cannot be begun has nothing to take back. */
  #file: number | null = null;
  #bytes = 0;

  /** @param name in the folder */
  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
    this.#temporary = `${name}.${randomUUID()}${UNFINISHED}`;
  }

  get #path(): string {
    return join(this.#folder, this.#name);
  }

  /** Bytes so far. */
  get position(): number {
    return this.#bytes;
  }

  write(buffers: readonly Uint8Array[]): void {
    writingSync(this.#path, () => {
      for (let from = 0; from < buffers.length; from += MOST_BUFFERS)
        this.#all(buffers.slice(from, from + MOST_BUFFERS));
    });
  }

  /** Ends the file, empty or not. `publishFiles` forces it to the disk and gives it its name. */
  finish(): UnpublishedFile {
    writingSync(this.#path, () => {
      this.#open();
      // Some disks tell only now that there was no room.
      this.#close();
    });
    const [file, temporary] = [this.#name, this.#temporary];
    return { file, temporary, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  abandon(): void {
    this.#close();
    rmSync(join(this.#folder, this.#temporary), { force: true });
  }

  #open(): number {
    this.#file ??= openSync(join(this.#folder, this.#temporary), 'wx');
    return this.#file;
  }

  #all(buffers: readonly Uint8Array[]): void {
    let left = buffers.filter(({ byteLength }) => byteLength > 0);
    for (const buffer of left) this.#hash.update(buffer);
    while (left.length > 0) {
      let written = writevSync(this.#open(), left);
      this.#bytes += written;
      // The system may take a part: on from there.
      while (left[0] !== undefined && written >= left[0].byteLength) {
        written -= left[0].byteLength;
        left = left.slice(1);
      }
      if (left[0] !== undefined && written > 0) left = [left[0].subarray(written), ...left.slice(1)];
    }
  }

  #close(): void {
    const file = this.#file;
    this.#file = null;
    if (file !== null) closeSync(file);
  }
}
