import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ParityRow, parityRows } from '../golden/parity.js';
import { parityPage } from '../golden/parity-page.js';

const rows = parityRows();

it('docs/parity.md says what the engine computes now; npm run test:parity writes it anew', () => {
  const page = readFileSync(new URL('../../docs/parity.md', import.meta.url), 'utf8');
  expect(page).toBe(parityPage(rows));
});

it('every preset of docs/presets.md has a row', () => {
  const page = readFileSync(new URL('../../docs/presets.md', import.meta.url), 'utf8');
  const header = page.split('\n').find((line) => line.startsWith('| |')) ?? '';
  const presets = [...header.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(presets.length).toBeGreaterThanOrEqual(8);
  expect(new Set(rows.map((row) => row.preset))).toEqual(new Set([...presets, '-']));
});

it('what is not computed is what the engine refuses', () => {
  const missing = rows.filter((row) => row.computed < row.cases);
  expect(missing.map((row) => [row.preset, row.kind, row.cases - row.computed])).toEqual([
    ['mimii', 'frameVectors', 1],
  ]);
});

/** Of logarithms and cepstra the largest error, of other values as a part of the peak. */
function limitOf({ kind, original, unit }: ParityRow): number {
  switch (kind) {
    case 'frames':
      return 0;
    case 'istft':
      // Two transforms; one case of librosa has no `center`, and its ends are divided by nearly nothing.
      return original === 'librosa' ? 2e-3 : 4e-7;
    case 'spectralFlatness':
      // Its geometric mean counts quiet bins, whose power is the transform's rounding.
      return 1e-5;
    case 'melSpectrogram':
    case 'stft':
      // kaldi-native-fbank is float32 itself.
      if (unit === 'linear') return original === 'kaldi-native-fbank' ? 2e-6 : 3e-7;
      return 0.1;
    case 'powerToDb':
    case 'amplitudeToDb':
      return 5e-6;
    case 'mfccDeltas':
    case 'boundaryRegions':
    case 'boundaryDifferences':
      return 2e-5;
    default:
      // Helpers lose less than a unit in the last place of the peak. Kaldi's MFCC of a constant are logarithms of
      // what rounding leaves: 0.07 of them is the most.
      return unit === 'linear' || unit === 'Hz' ? 2 ** -23 : 0.1;
  }
}

it('no figure is lost to something that is not a number, and none is above its limit', () => {
  const computed = rows.filter((row) => row.computed > 0);
  expect(computed.length).toBeGreaterThan(4);
  for (const row of computed) {
    expect(row.error).toBeGreaterThanOrEqual(0);
    expect(row.errorOfPeak ?? row.error, `${row.preset} ${row.kind}`).toBeLessThanOrEqual(limitOf(row));
  }
});
