/** The text of a label file, whatever it is encoded in, and what is wrong with it by file and line. */
import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { ParameterError } from '../../errors.js';
import { readWhole } from '../../files/index.js';

/**
 * `auto`: a byte order mark decides (UTF-8, UTF-16); without one it is UTF-8 where the bytes can be, else Latin-1.
 * `latin1`: as without a mark, but never UTF-8.
 */
export type LabelEncoding = 'auto' | 'latin1';

/** Text of a label file at most; packed files may say anything about their size. */
const LARGEST_TEXT = 2 ** 28;
const GZIP = [0x1f, 0x8b];

/**
 * Reads a label file, unpacked where it is packed with gzip (as CGN delivers its annotations).
 *
 * @throws ParameterError `ERR_LABELS` where there is no such file or no text in it
 */
export async function readLabelText(path: string, encoding: LabelEncoding = 'auto'): Promise<string> {
  try {
    const bytes = await readWhole(path);
    const isPacked = GZIP.every((byte, i) => bytes[i] === byte);
    return decodeLabelText(isPacked ? gunzipSync(bytes, { maxOutputLength: LARGEST_TEXT }) : bytes, encoding);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ParameterError('ERR_LABELS', `${path}: cannot be read: ${reason}`, { path });
  }
}

/** @throws TypeError for UTF-16 that ends within a character */
function decodeLabelText(bytes: Uint8Array, encoding: LabelEncoding = 'auto'): string {
  const utf16 = utf16Of(bytes);
  if (utf16 !== null) return new TextDecoder(utf16, { fatal: true }).decode(bytes);
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (isMarked || (encoding === 'auto' && isUtf8(bytes)))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  // Not by TextDecoder, to which `latin1` is a name of Windows-1252.
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** By its mark, or by the zero that every format's first character, an ASCII one, has beside it. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return 'utf-16be';
  return null;
}

/** Lines with their numbers from 1, in any system's line ends, without a byte order mark. */
export function* labelLines(text: string): Generator<readonly [line: string, lineNumber: number]> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, line] of lines.entries()) yield [line, index + 1];
}

/** `name` is what the file is called; `what` is wrong in its line `line`. */
export function labelError(name: string, line: number, what: string): ParameterError {
  return new ParameterError('ERR_LABELS', `${name}:${line}: ${what}`, { line });
}
