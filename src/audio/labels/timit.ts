import { mustBe, ParameterError } from '../../errors.js';
import type { Interval } from '../../types.js';
import { labelError, labelLines, readLabelText } from './label-text.js';

/** First sample, the one behind the last, and what is said. */
const LINE = /^\s*(\d+)\s+(\d+)\s+(\S.*?)\s*$/;

/**
 * Reads a file of TIMIT: phones (`.PHN`), words (`.WRD`) or the sentence (`.TXT`), a line each, with times in samples.
 *
 * @param sampleRate Hz, of the recording as it was labelled, before any resampling
 * @throws ParameterError `ERR_LABELS` naming file and line, `ERR_SAMPLE_RATE`
 */
export async function readTimit(path: string, sampleRate: number): Promise<Interval[]> {
  return parseTimit(await readLabelText(path), sampleRate, path);
}

/** Reads the text of a file of TIMIT; `name` is what errors call it. */
export function parseTimit(text: string, sampleRate: number, name: string): Interval[] {
  if (!(sampleRate > 0 && Number.isFinite(sampleRate))) {
    throw new ParameterError('ERR_SAMPLE_RATE', mustBe(`sampleRate of ${name}`, 'a positive number', sampleRate));
  }
  const intervals: Interval[] = [];
  for (const [line, lineNumber] of labelLines(text)) {
    if (line.trim() === '') continue;
    const [, start, end, label = ''] = LINE.exec(line) ?? [];
    if (start === undefined) {
      throw labelError(name, lineNumber, mustBe('a label', 'its first sample, its end and a word', line));
    }
    if (Number(end) < Number(start)) {
      throw labelError(name, lineNumber, mustBe('the end', `at or after the start (${start})`, Number(end)));
    }
    intervals.push({ startSec: Number(start) / sampleRate, endSec: Number(end) / sampleRate, label });
  }
  return intervals;
}
