import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parityRows } from '../golden/parity.js';
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

it('no figure is lost to something that is not a number', () => {
  const computed = rows.filter((row) => row.computed > 0);
  expect(computed.length).toBeGreaterThan(4);
  for (const row of computed) {
    expect(row.error).toBeGreaterThanOrEqual(0);
    // Kaldi's MFCC of a constant are logarithms of what rounding leaves: 0.07 of them is the most.
    if (row.unit === 'linear') expect(row.errorOfPeak).toBeLessThan(2e-6);
    else expect(row.error).toBeLessThan(0.1);
  }
});
