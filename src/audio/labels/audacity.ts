import { mustBe, ParameterError } from '../../errors.js';
import { replaceFile } from '../../files/index.js';
import type { Interval } from '../../types.js';
import { labelError, labelLines, readLabelText } from './label-text.js';

/** Audacity writes microseconds. */
const DECIMALS = 6;
/** What Audacity puts in front of a line with a label's frequency range; it belongs to the line before. */
const FREQUENCY_LINE = '\\';

/**
 * Reads an Audacity label file: one `start<TAB>end<TAB>label` a line, in seconds. Frequency ranges are left out.
 *
 * @returns the labels in the file's order
 * @throws ParameterError `ERR_LABELS` naming file and line
 */
export async function readLabels(path: string): Promise<Interval[]> {
  return parseLabels(await readLabelText(path), path);
}

/** Reads the text of an Audacity label file; `name` is what errors call it. */
export function parseLabels(text: string, name: string): Interval[] {
  const intervals: Interval[] = [];
  for (const [line, lineNumber] of labelLines(text)) {
    if (line.trim() === '' || line.startsWith(FREQUENCY_LINE)) continue;
    intervals.push(parseLine(line, name, lineNumber));
  }
  return intervals;
}

function parseLine(line: string, name: string, lineNumber: number): Interval {
  const [start = '', end = '', ...label] = line.split('\t');
  const startSec = seconds(start);
  const endSec = seconds(end);
  if (Number.isNaN(startSec) || Number.isNaN(endSec)) {
    const expected = 'start<TAB>end<TAB>label with times in seconds';
    throw labelError(name, lineNumber, mustBe('a label', expected, line));
  }
  if (endSec < startSec) {
    throw labelError(name, lineNumber, mustBe('the end', `at or after the start (${startSec})`, endSec));
  }
  return { startSec, endSec, label: label.join('\t').trim() };
}

/** NaN for everything but a plain decimal number from 0. */
function seconds(text: string): number {
  return /^\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
}

/**
 * The text of an Audacity label file, times rounded to microseconds.
 *
 * @throws ParameterError `ERR_LABELS` for times that are not finite and ordered, or a label with a tab or line break
 */
export function formatLabels(intervals: readonly Interval[]): string {
  return intervals.map((interval, i) => `${formatLine(interval, `intervals[${i}]`)}\n`).join('');
}

function formatLine({ startSec, endSec, label }: Interval, name: string): string {
  if (!(startSec >= 0 && endSec >= startSec && Number.isFinite(endSec))) {
    const expected = '0 ≤ startSec ≤ endSec, both finite';
    throw new ParameterError('ERR_LABELS', mustBe(name, expected, `${startSec} … ${endSec}`));
  }
  if (/[\t\r\n]/.test(label)) {
    throw new ParameterError('ERR_LABELS', mustBe(`${name}.label`, 'without tabs and line breaks', label));
  }
  return `${startSec.toFixed(DECIMALS)}\t${endSec.toFixed(DECIMALS)}\t${label}`;
}

/** Writes an Audacity label file, whole or not at all. */
export async function writeLabels(path: string, intervals: readonly Interval[]): Promise<void> {
  await replaceFile(path, formatLabels(intervals));
}
