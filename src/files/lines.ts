import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { mustBe, ParameterError } from '../errors.js';

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Lines of a UTF-8 file, of a `.gz` unpacked, without their ends (`\n` or `\r\n`: what JSON lines and Kaldi's tables go by).
 *
 * @throws ParameterError `ERR_CORPUS` for what is not UTF-8 or not whole
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let line = 0;
  for await (const bytes of chunksOf(path)) {
    const pieces = (rest + decoded(decoder, bytes, path, line)).split('\n');
    rest = pieces.pop() ?? '';
    for (const text of pieces) yield { text: text.endsWith('\r') ? text.slice(0, -1) : text, line: ++line };
  }
  rest += decoded(decoder, null, path, line);
  if (rest !== '') yield { text: rest, line: line + 1 };
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path);
  if (!path.endsWith('.gz')) {
    yield* file;
    return;
  }
  const unpacked = createGunzip();
  file.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  try {
    yield* unpacked;
  } catch (error) {
    if (!(error instanceof Error) || 'syscall' in error) throw error;
    throw new ParameterError('ERR_CORPUS', mustBe(path, 'whole and packed with gzip', error.message), { path });
  }
}

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer | null, path: string, after: number): string {
  try {
    return bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ParameterError('ERR_CORPUS', mustBe(path, 'UTF-8', `other bytes after line ${after}`), { path });
  }
}
