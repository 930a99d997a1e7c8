/** Open shards: reading blocks one after another opens no file twice. */
import type { FileHandle } from 'node:fs/promises';
import { openShard } from './open-shard.js';

/** Files kept open at most, beside those that are being read. */
const MOST_OPEN = 16;
/** A file that nobody has read for so long is closed: a data set needs no `close`, and a process may end at any time. */
const IDLE_MS = 1000;

interface OpenFile {
  readonly path: string;
  readonly handle: Promise<FileHandle>;
  readers: number;
  usedAt: number;
}

/** Shares file handles between reads; the ones used last stay open for a second. */
export class ShardFiles {
  /** In the order of their last use. */
  readonly #files = new Map<string, OpenFile>();
  #timer: NodeJS.Timeout | null = null;

  /** Files that are open now. */
  get nOpen(): number {
    return this.#files.size;
  }

  /** @throws DatasetError `ERR_SHARD` for a file that cannot be opened; whatever `work` throws */
  async use<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
    const file = this.#open(path);
    file.readers += 1;
    try {
      return await work(await file.handle);
    } finally {
      file.readers -= 1;
      file.usedAt = performance.now();
      await this.#close((idle, i) => i < this.#files.size - MOST_OPEN && idle.readers === 0);
      this.#timer ??= setTimeout(() => void this.#closeIdle(), IDLE_MS).unref();
    }
  }

  #open(path: string): OpenFile {
    const known = this.#files.get(path);
    const file = known ?? { path, handle: openShard(path), readers: 0, usedAt: performance.now() };
    this.#files.delete(path);
    this.#files.set(path, file);
    if (known === undefined) file.handle.catch(() => this.#files.delete(path));
    return file;
  }

  async #closeIdle(): Promise<void> {
    this.#timer = null;
    const now = performance.now();
    await this.#close(({ readers, usedAt }) => readers === 0 && now - usedAt >= IDLE_MS / 2);
    if (this.#files.size > 0) this.#timer ??= setTimeout(() => void this.#closeIdle(), IDLE_MS).unref();
  }

  async #close(which: (file: OpenFile, place: number) => boolean): Promise<void> {
    const files = [...this.#files.values()].filter(which);
    for (const { path } of files) this.#files.delete(path);
    await Promise.all(files.map(async ({ handle }) => (await handle.catch(() => null))?.close()));
  }
}
