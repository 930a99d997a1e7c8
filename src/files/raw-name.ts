/**
 * Names of files that are not UTF-8, as some old systems have left them. Text cannot hold their bytes, so each that is no
 * part of UTF-8 stands as a lone surrogate, U+DC80 to U+DCFF: what Python calls `surrogateescape`. No other name has any.
 */

const BYTE_AT = 0xdc00;
const FIRST_ESCAPED = 0x80;
const LONE = /\p{Surrogate}/u;

/** Why a file of such a name is not read. */
export const UNREADABLE_NAME = 'its name is not valid UTF-8';

export function isReadableName(path: string): boolean {
  return !LONE.test(path);
}

/** A name as messages show it: bytes that are no text as `\xNN`. */
export function shownName(path: string): string {
  return path.replace(
    /\p{Surrogate}/gu,
    (byte) => `\\x${(byte.charCodeAt(0) - BYTE_AT).toString(16).padStart(2, '0')}`,
  );
}

export function nameFromBytes(bytes: Uint8Array): string {
  const text = decode(bytes);
  if (text !== null) return text;
  let name = '';
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    const character = length === 0 ? null : decode(bytes.subarray(at, at + length));
    name += character ?? String.fromCharCode(BYTE_AT + (bytes[at] ?? 0));
    at += character === null ? 1 : length;
  }
  return name;
}

/** The bytes of a name or path: `nameFromBytes` undone. */
export function nameBytes(path: string): Buffer {
  const parts = path.split(/(\p{Surrogate})/u);
  return Buffer.concat(
    parts.map((part) => (LONE.test(part) ? Buffer.of(part.charCodeAt(0) - BYTE_AT) : Buffer.from(part))),
  );
}

/** A path of whatever bytes, as the system takes it. */
export function pathOnDisk(path: string): string | Buffer {
  return isReadableName(path) ? path : nameBytes(path);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** What the first byte of a character says of its length; 0 for one that begins none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < FIRST_ESCAPED) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}
