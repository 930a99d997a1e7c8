import { createHash } from 'node:crypto';

/** Hex digits that tell frames apart, as in a shard. */
const HASH_DIGITS = 16;

/** What equal frames have in common; who has it in common is compared byte by byte. */
export function contentHashOf(frames: Float32Array): string {
  return createHash('sha256').update(bytesOf(frames)).digest('hex').slice(0, HASH_DIGITS);
}

/** The same numbers, to the bit. */
export function sameBytes(a: Float32Array, b: Float32Array): boolean {
  return bytesOf(a).equals(bytesOf(b));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
