import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { readMemory, writingSync } from '../files/index.js';
import type { FrameScratch } from './recording-features.js';

/** Floats in a file that lives as long as one recording is computed. */
export class FrameSpill implements FrameScratch {
  readonly path: string;
  /** Written so far. */
  numbers: number;
  readonly #file: number;

  private constructor(path: string, flags: string, numbers: number) {
    this.path = path;
    this.numbers = numbers;
    this.#file = writingSync(path, () => openSync(path, flags));
  }

  static create(path: string): FrameSpill {
    return new FrameSpill(path, 'w+', 0);
  }

  /** One that others have filled. */
  static adopt(path: string, numbers: number): FrameSpill {
    return new FrameSpill(path, 'r', numbers);
  }

  write(frames: Float32Array): void {
    const bytes = new Uint8Array(frames.buffer, frames.byteOffset, frames.byteLength);
    writingSync(this.path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    });
    this.numbers += frames.length;
  }

  *read(numbers: number): Generator<Float32Array> {
    for (let from = 0; from < this.numbers; from += numbers) {
      const length = Math.min(numbers, this.numbers - from);
      const bytes = readMemory(length * Float32Array.BYTES_PER_ELEMENT);
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(this.#file, bytes, at, bytes.length - at, from * Float32Array.BYTES_PER_ELEMENT + at);
        if (read === 0) throw new Error(`${this.path} became shorter`);
        at += read;
      }
      yield new Float32Array(bytes.buffer, bytes.byteOffset, length);
    }
  }

  remove(): void {
    closeSync(this.#file);
    rmSync(this.path, { force: true });
  }
}
