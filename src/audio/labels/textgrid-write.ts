import { mustBe, ParameterError } from '../../errors.js';
import { replaceFile } from '../../files/index.js';
import type { Interval } from '../../types.js';
import type { TextGrid, TextGridTier } from './textgrid.js';

const KEPT = 'Unicode text without carriage returns and NULs';

/**
 * Writes a TextGrid that Praat opens, whole or not at all: the long text form, in UTF-8.
 *
 * @throws ParameterError `ERR_LABELS` as `formatTextGrid`, `ERR_WRITE`
 */
export async function writeTextGrid(path: string, grid: TextGrid): Promise<void> {
  await replaceFile(path, formatTextGrid(grid));
}

/**
 * The text of a TextGrid. Praat's interval tiers have no gaps, so where a tier says nothing there is an interval with an
 * empty label.
 *
 * @throws ParameterError `ERR_LABELS` for intervals out of order, one over another, outside the TextGrid or without length
 *   (of an interval tier; with one, of a point tier), and for texts that Praat would not keep
 */
export function formatTextGrid(grid: TextGrid): string {
  checkSpan(grid);
  const tiers = grid.tiers.flatMap((tier, i) => {
    checkTier(grid, tier, `tiers[${i}]`);
    return [`    item [${i + 1}]:`, ...tierLines(grid, tier)];
  });
  const head = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ''];
  const size = ['tiers? <exists> ', `size = ${grid.tiers.length} `, 'item []: '];
  return `${[...head, ...span(grid), ...size, ...tiers].join('\n')}\n`;
}

function tierLines(grid: TextGrid, tier: TextGridTier): string[] {
  const { kind, name } = tier;
  const indent = ' '.repeat(8);
  const isPoint = kind === 'point';
  const intervals = isPoint ? tier.intervals : withGapsFilled(grid, tier.intervals);
  const head = [`class = "${isPoint ? 'TextTier' : 'IntervalTier'}" `, `name = ${quoted(name)} `, ...span(grid)];
  const word = isPoint ? 'points' : 'intervals';
  const lines = intervals.flatMap((interval, i) => [
    `${word} [${i + 1}]:`,
    ...(isPoint ? pointLines(interval) : intervalLines(interval)).map((line) => `    ${line}`),
  ]);
  return [...head, `${word}: size = ${intervals.length} `, ...lines].map((line) => indent + line);
}

function intervalLines(interval: Interval): string[] {
  return [...span(interval), `text = ${quoted(interval.label)} `];
}

function pointLines({ startSec, label }: Interval): string[] {
  return [`number = ${startSec} `, `mark = ${quoted(label)} `];
}

function span({ startSec, endSec }: Omit<Interval, 'label'>): string[] {
  return [`xmin = ${startSec} `, `xmax = ${endSec} `];
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function withGapsFilled({ startSec, endSec }: TextGrid, intervals: readonly Interval[]): Interval[] {
  const filled: Interval[] = [];
  let reached = startSec;
  const fillTo = (timeSec: number): void => {
    if (timeSec > reached) filled.push({ startSec: reached, endSec: timeSec, label: '' });
  };
  for (const interval of intervals) {
    fillTo(interval.startSec);
    filled.push(interval);
    reached = interval.endSec;
  }
  fillTo(endSec);
  return filled;
}

function checkSpan({ startSec, endSec }: TextGrid): void {
  if (startSec >= 0 && endSec > startSec && Number.isFinite(endSec)) return;
  throw refuse('a TextGrid', '0 ≤ startSec < endSec, both finite', `${startSec} … ${endSec}`);
}

function checkTier(grid: TextGrid, { kind, name, intervals }: TextGridTier, where: string): void {
  if (!isKept(name)) throw refuse(`${where}.name`, KEPT, name);
  let reached = grid.startSec;
  for (const [i, { startSec, endSec, label }] of intervals.entries()) {
    const here = `${where}.intervals[${i}]`;
    const hasLength = endSec > startSec;
    if (!hasLength && kind === 'interval') throw refuse(here, 'longer than nothing', `${startSec} … ${endSec}`);
    if (startSec !== endSec && kind === 'point') throw refuse(here, 'a point in time', `${startSec} … ${endSec}`);
    // Praat keeps one of two points at the same time.
    const isAfter = kind === 'point' && i > 0 ? startSec > reached : startSec >= reached;
    if (!isAfter) throw refuse(`${here}.startSec`, `${kind === 'point' ? 'after' : 'from'} ${reached}`, startSec);
    if (!(endSec <= grid.endSec)) throw refuse(`${here}.endSec`, `up to ${grid.endSec}`, endSec);
    if (!isKept(label)) throw refuse(`${here}.label`, KEPT, label);
    reached = endSec;
  }
}

/** Half of a UTF-16 pair has no form in UTF-8; Praat makes a carriage return a line feed, and ends a text at a NUL. */
function isKept(text: string): boolean {
  return !/\p{Cs}|\r/u.test(text) && !text.includes('\0');
}

function refuse(what: string, expected: string, got: unknown): ParameterError {
  return new ParameterError('ERR_LABELS', mustBe(what, expected, got));
}
