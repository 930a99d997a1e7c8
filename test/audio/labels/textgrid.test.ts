import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstIntervalTier,
  formatTextGrid,
  parseTextGrid,
  readTextGrid,
  type TextGrid,
  type TextGridTier,
  tierOf,
  writeTextGrid,
} from '../../../src/audio/index.js';
import type { Interval } from '../../../src/types.js';
import { temporaryFolder } from '../signals.js';
import { bytesOf, GOLDEN, goldenGrid } from './golden-labels.js';

const folder = temporaryFolder();

function put(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const span = (startSec: number, endSec: number, label = '') => ({ startSec, endSec, label });
const tier = (name: string, intervals: Interval[], kind: TextGridTier['kind'] = 'interval') => ({
  kind,
  name,
  intervals,
});
const gridOf = (...tiers: TextGridTier[]): TextGrid => ({ startSec: 0, endSec: 2, tiers });

describe('TextGrids of Praat', () => {
  it('are there to be read', () => {
    expect(GOLDEN.grids.length).toBe(11);
    expect(GOLDEN.grids.flatMap(({ grid }) => grid.tiers).length).toBeGreaterThan(25);
  });

  it.each(GOLDEN.grids)('$name reads as Praat reads it', async (stored) => {
    expect(await readTextGrid(put('a.TextGrid', bytesOf(stored)))).toEqual(stored.grid);
  });

  it('reads packed as well', async () => {
    const { bytes, grid } = goldenGrid('CGN');
    expect(await readTextGrid(put('a.wrd.gz', gzipSync(bytes)))).toEqual(grid);
    const cut = put('b.wrd.gz', gzipSync(bytes).subarray(0, 40));
    await expect(readTextGrid(cut)).rejects.toMatchObject({
      code: 'ERR_LABELS',
      message: expect.stringContaining(cut),
    });
  });

  it('reads UTF-16 without a mark, and Latin-1 that could be UTF-8 where that is said', async () => {
    const { bytes, grid } = goldenGrid('long UTF-16');
    expect(await readTextGrid(put('a.TextGrid', bytes.subarray(2)))).toEqual(grid);
    const text = Buffer.from(formatTextGrid(gridOf(tier('w', [span(0, 2, 'Ã©')]))), 'latin1');
    const path = put('b.TextGrid', text);
    expect((await readTextGrid(path)).tiers[0]!.intervals[0]!.label).toBe('é');
    expect((await readTextGrid(path, 'latin1')).tiers[0]!.intervals[0]!.label).toBe('Ã©');
  });

  it.each(GOLDEN.others)('the $name form is refused by name', async (stored) => {
    const path = put('a.TextGrid', bytesOf(stored));
    await expect(readTextGrid(path)).rejects.toMatchObject({
      code: 'ERR_LABELS',
      message: expect.stringMatching(/a\.TextGrid:\d+: the (file type|object class) must be that of a TextGrid/),
    });
  });

  it.each(['long UTF-8', 'wide UTF-8'])('%s is written byte by byte as Praat writes it', (name) => {
    const { bytes, grid } = goldenGrid(name);
    expect(formatTextGrid(grid)).toBe(Buffer.from(bytes).toString('utf8'));
  });
});

describe('a TextGrid that is wrong is named by file and line', () => {
  const text = formatTextGrid(
    gridOf(tier('w', [span(0, 1, 'a'), span(1, 2, 'b')]), tier('p', [span(1, 1, 'x')], 'point')),
  );
  const lineOf = (part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

  it.each<[before: string, after: string, message: RegExp, later?: number]>([
    ['class = "TextTier"', 'class = "PitchTier"', /class of tier 2 must be IntervalTier or TextTier, got "PitchTier"/],
    ['intervals: size = 2', 'intervals: size = 2.5', /size of tier 1 must be a whole number from 0, got 2\.5/],
    ['xmin = 1 ', 'xmin = one ', /xmax of interval 2 of tier 1 \(w\) must be a number, got "b"/, 2],
    ['xmin = 1 ', 'xmin = 1,5 ', /a number must be as 12\.5 or 1e-3, got "1,5"/],
    ['xmin = 1 ', 'xmin = -1 ', /xmin of interval 2 of tier 1 \(w\) must be from 0, got -1/],
    ['<exists>', '<perhaps>', /tiers must be <exists> or <absent>, got "<perhaps>"/],
    ['number = 1 ', 'number = "1" ', /time of point 1 of tier 2 \(p\) must be a number, got "1"/],
  ])('%s → %s', (before, after, message, later = 0) => {
    const wrong = text.replace(before, after);
    expect(wrong).not.toBe(text);
    expect(() => parseTextGrid(wrong, 'a.TextGrid')).toThrow(message);
    const line = lineOf(before) + later;
    expect(() => parseTextGrid(wrong, 'a.TextGrid')).toThrow(expect.objectContaining({ details: { line } }));
  });

  it('where it ends early or goes on, is out of order or runs backwards', () => {
    const [from, to] = [text.indexOf('number = 1'), text.indexOf('"x"')];
    expect(() => parseTextGrid(text.slice(0, from), 'a')).toThrow(/time of point 1 .* got "the end of the file"/);
    expect(() => parseTextGrid(text.slice(0, to + 1), 'a')).toThrow(/a text must be closed by a quote/);
    expect(() => parseTextGrid(`${text}3 `, 'a')).toThrow(
      /what follows the last of 2 tiers must be the end of the file/,
    );
    expect(() => parseTextGrid('', 'a')).toThrow(/a:1: the file type must be/);
    const unordered = text.replace('xmin = 0 \n            xmax = 1', 'xmin = 1.5 \n            xmax = 1.75');
    expect(unordered).not.toBe(text);
    expect(() => parseTextGrid(unordered, 'a')).toThrow(
      /start of interval 2 .* at or after the start of the one before/,
    );
    const backwards = text.replace('xmin = 0 \n            xmax = 1', 'xmin = 1.5 \n            xmax = 1');
    expect(() => parseTextGrid(backwards, 'a')).toThrow(/xmax of interval 1 .* at or after xmin \(1\.5\), got 1/);
  });

  it('whatever lies between its fields, and however much', () => {
    const wordy = text.replace('tiers?', `${'word '.repeat(50_000)}${'! 5 "x"\n'.repeat(50_000)}tiers?`);
    expect(parseTextGrid(wordy, 'a')).toEqual(parseTextGrid(text, 'a'));
    const open = text.replace('"w"', `"${'""'.repeat(50_000)}w`);
    expect(() => parseTextGrid(open, 'a.TextGrid')).toThrow(/a\.TextGrid:\d+: /);
    expect(() => parseTextGrid(`"${'""'.repeat(50_000)}`, 'a')).toThrow('a:1: a text must be closed by a quote');
  });

  it('where it is not there', async () => {
    await expect(readTextGrid(join(folder, 'gone'))).rejects.toMatchObject({ code: 'ERR_LABELS' });
  });
});

describe('a tier', () => {
  const grid = gridOf(tier('klik', [], 'point'), tier('w', []), tier('f', []), tier('f', []), tier('2', []));

  it('is found by its name or its number from 1', () => {
    expect(tierOf(grid, 'w', 'x')).toBe(grid.tiers[1]);
    expect(tierOf(grid, 2, 'x')).toBe(grid.tiers[1]);
    expect(tierOf(grid, '2', 'x')).toBe(grid.tiers[4]);
    expect(tierOf(gridOf(grid.tiers[1]!), null, 'x')).toBe(grid.tiers[1]);
    expect(firstIntervalTier(grid, 'x')).toBe(grid.tiers[1]);
  });

  it('that is not there, or not the only one, is named beside those that are', () => {
    expect(() => tierOf(grid, 'x', 'a.TextGrid')).toThrow(
      'one of its tiers (1 "klik", 2 "w", 3 "f", 4 "f", 5 "2"), got "x"',
    );
    expect(() => tierOf(grid, 'f', 'a.TextGrid')).toThrow('f, which 2 are called');
    expect(() => tierOf(grid, 6, 'a.TextGrid')).toThrow('got 6');
    expect(() => tierOf(grid, null, 'a.TextGrid')).toThrow('got "nothing"');
    expect(() => firstIntervalTier(gridOf(grid.tiers[0]!), 'a.TextGrid')).toThrow('some with intervals');
  });
});

describe('writing', () => {
  it('fills what is not labelled, and Praat has no gaps', () => {
    const text = formatTextGrid(gridOf(tier('w', [span(0.5, 1, 'a'), span(1, 1.25, 'b')]), tier('none', [])));
    expect(parseTextGrid(text, 'x').tiers.map(({ intervals }) => intervals)).toEqual([
      [span(0, 0.5), span(0.5, 1, 'a'), span(1, 1.25, 'b'), span(1.25, 2)],
      [span(0, 2)],
    ]);
  });

  it.each([
    [tier('w', [span(0, 1, 'a'), span(0.5, 2, 'b')]), /tiers\[0\]\.intervals\[1\]\.startSec must be from 1, got 0\.5/],
    [tier('w', [span(0, 3, 'a')]), /intervals\[0\]\.endSec must be up to 2, got 3/],
    [tier('w', [span(1, 1, 'a')]), /intervals\[0\] must be longer than nothing/],
    [tier('w', [span(Number.NaN, 1, 'a')]), /intervals\[0\] must be/],
    [tier('w', [span(0, 1, '\ud800')]), /intervals\[0\]\.label must be Unicode text/],
    [tier('w', [span(0, 1, 'a\r\nb')]), /intervals\[0\]\.label must be Unicode text without carriage returns/],
    [tier('w', [span(0, 1, 'a\0')]), /intervals\[0\]\.label must be/],
    [tier('\udc00', []), /tiers\[0\]\.name must be Unicode text/],
    [tier('p', [span(0, 1, 'a')], 'point'), /intervals\[0\] must be a point in time/],
    [tier('p', [span(1, 1, 'a'), span(1, 1, 'b')], 'point'), /intervals\[1\]\.startSec must be after 1/],
  ])('refuses what Praat would not keep: %j', async (wrong, message) => {
    await expect(writeTextGrid(join(folder, 'no.TextGrid'), gridOf(wrong))).rejects.toThrow(message);
    expect(() => formatTextGrid({ startSec: 1, endSec: 1, tiers: [] })).toThrow('startSec < endSec');
  });

  it('is read back as it was, in every encoding', async () => {
    const path = join(folder, 'any.TextGrid');
    await fc.assert(
      fc.asyncProperty(grids(), async (grid) => {
        await writeTextGrid(path, grid);
        const read = await readTextGrid(path);
        expect(labelled(read)).toEqual(labelled(grid));
        const text = formatTextGrid(grid);
        expect(formatTextGrid(read)).toBe(text);
        for (const bytes of [utf16(text, 'le'), utf16(text, 'be')]) {
          writeFileSync(path, bytes);
          expect(await readTextGrid(path)).toEqual(read);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** Without the intervals that only fill, which the empty labels that someone gave look like. */
function labelled({ tiers, ...rest }: TextGrid): TextGrid {
  return {
    ...rest,
    tiers: tiers.map((one) => ({ ...one, intervals: one.intervals.filter(({ label }) => label !== '') })),
  };
}

function utf16(text: string, order: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

function grids(): fc.Arbitrary<TextGrid> {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('"', '!', '<exists>', 'a"b', '12', 'r\ns', ' '),
  );
  const times = fc.uniqueArray(fc.double({ min: 0, max: 100, noNaN: true, noDefaultInfinity: true }), {
    maxLength: 12,
  });
  const tiers = fc.record({
    kind: fc.constantFrom('interval' as const, 'point' as const),
    name: text,
    times,
    text: fc.array(text),
  });
  return fc.array(tiers, { maxLength: 4 }).map((made) => ({
    startSec: 0,
    endSec: 101,
    tiers: made.map(({ kind, name, times, text }) => ({ kind, name, intervals: intervalsOf(kind, times, text) })),
  }));
}

function intervalsOf(kind: TextGridTier['kind'], times: readonly number[], labels: readonly string[]): Interval[] {
  // -0 is written as 0.
  const sorted = [...new Set(times.map((time) => time + 0))].sort((a, b) => a - b);
  if (kind === 'point') return sorted.map((time, i) => span(time, time, labels[i] ?? 'x'));
  return sorted.slice(1).flatMap((end, i) => (i % 3 === 2 ? [] : [span(sorted[i]!, end, labels[i] ?? 'x')]));
}
