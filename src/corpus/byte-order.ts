import { nameBytes } from '../files/index.js';

/** Below it, UTF-16 and UTF-8 order alike. */
const FIRST_SURROGATE = 0xd800;
const HIGH = /[\ud800-\uffff]/;

/** Sorted by UTF-8 bytes: the same on every machine and locale, unlike UTF-16 or collation order. */
export function inByteOrder(paths: readonly string[]): string[] {
  return paths.some((path) => HIGH.test(path)) ? paths.toSorted(byBytes) : paths.toSorted();
}

function byBytes(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  if (at === shorter) return a.length - b.length;
  const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
  return x < FIRST_SURROGATE && y < FIRST_SURROGATE ? x - y : Buffer.compare(nameBytes(a), nameBytes(b));
}
