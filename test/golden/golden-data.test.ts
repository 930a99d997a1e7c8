import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { goldenBytes, goldenInput, goldenOriginals, loadGolden } from './golden-data.js';

/** Cases per original: a file that lost some is not taken for whole. */
const CASES = {
  baselines: 14,
  htk: 30,
  'kaldi-native-fbank': 102,
  librosa: 231,
  python_speech_features: 80,
  scipy: 97,
  torchaudio: 66,
  'torchaudio-kaldi': 96,
  whisper: 14,
};

const valuesOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

describe('golden data', () => {
  it('has an index and numbers of every original', () => {
    expect(goldenOriginals()).toEqual(Object.keys(CASES));
  });

  it.each(Object.entries(CASES))('%s is whole: %i cases, its checksum, finite numbers', (original, count) => {
    const golden = loadGolden(original);
    expect(golden.original).toBe(original);
    expect(golden.cases.length).toBe(count);
    expect(Object.keys(golden.versions).length).toBeGreaterThan(1);
    const bytes = goldenBytes(original);
    expect(bytes.byteLength).toBe(golden.bytes);
    expect(createHash('sha256').update(new Uint8Array(bytes)).digest('hex')).toBe(golden.sha256);
    for (const { expected, shape, call } of golden.cases) {
      expect(expected.length, call).toBe(valuesOf(shape));
      expect(expected.every(Number.isFinite), call).toBe(true);
    }
  });

  it.each(Object.keys(CASES))('%s: the sample holds every kind, and not everything', (original) => {
    const { cases } = loadGolden(original);
    const sample = cases.filter((each) => each.sample);
    expect(new Set(sample.map((each) => each.kind))).toEqual(new Set(cases.map((each) => each.kind)));
    expect(sample.length).toBeLessThan(cases.length);
  });

  it('has one empty case, of a recording too short for a vector of five frames', () => {
    const empty = goldenOriginals().flatMap((original) =>
      loadGolden(original).cases.filter((each) => each.expected.length === 0),
    );
    expect(empty.map((each) => [each.kind, each.shape])).toEqual([['frameVectors', [0, 320]]]);
  });

  it('has every input that a case names, recordings with their rate', () => {
    const names = goldenOriginals().flatMap((original) => loadGolden(original).cases.map((each) => each.input));
    const inputs = [...new Set(names)].filter((name) => name !== null).map(goldenInput);
    expect(inputs.length).toBeGreaterThan(20);
    for (const { name, data, shape, sampleRate } of inputs) {
      expect(data.length, name).toBe(valuesOf(shape));
      expect(data.length, name).toBeGreaterThan(0);
      expect(data instanceof Int16Array, name).toBe(sampleRate !== null);
    }
    expect(() => goldenInput('nothing')).toThrow('input must be one of');
  });
});
