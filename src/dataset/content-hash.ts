import { loadAddon } from '../native/index.js';

/** XXH64 of the frames' bytes, as a shard has it; who has it in common is compared byte by byte. */
export function contentHashOf(frames: Float32Array): string {
  const summary = new (loadAddon().FrameSummary)(1);
  summary.add(frames);
  return summary.commit();
}

/** The same numbers, to the bit. */
export function sameBytes(a: Float32Array, b: Float32Array): boolean {
  return bytesOf(a).equals(bytesOf(b));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
