/** `errors.jsonl`: the recordings of a folder that have no features. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RecordingError } from '../corpus/index.js';
import { DatasetError, mustBe } from '../errors.js';
import { statOrNull } from '../files/index.js';

const ERRORS_FILE = 'errors.jsonl';

/**
 * The lines of a folder's `errors.jsonl`, one after another; none without the file.
 *
 * @throws DatasetError `ERR_SHARD` naming the line that is none
 */
export async function* recordingErrors(folder: string): AsyncGenerator<RecordingError> {
  const path = join(folder, ERRORS_FILE);
  if ((await statOrNull(path)) === null) return;
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text !== '') yield parseLine(text, `${path} line ${line}`, path);
  }
}

function parseLine(text: string, place: string, path: string): RecordingError {
  try {
    const error: RecordingError = JSON.parse(text);
    if (typeof error?.path === 'string' && typeof error.code === 'string' && typeof error.message === 'string') {
      return error;
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new DatasetError('ERR_SHARD', mustBe(place, 'JSON with path, code and message', text), { path });
}
