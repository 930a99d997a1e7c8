import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/evaluation/index.js';
import { leakCheck, marginAuc } from '../../src/recipes/beep-sequence/leak-check.js';
import { type BeepCorpus, permuteTrainingLabels } from '../../src/recipes/beep-sequence/recordings.js';

const scored = (scores: readonly number[], truth: readonly number[]) => ({
  scores: Float32Array.from(scores),
  truth: Uint8Array.from(truth),
});

describe('marginAuc', () => {
  test('with no margin is ROC-AUC, ties counting half', () => {
    // Eighths: many ties, all exact in float32.
    const scores = Array.from({ length: 200 }, (_, i) => ((i * 37) % 9) / 8);
    const truth = scores.map((score, i) => (score + ((i * 11) % 7) / 7 > 1 ? 1 : 0));
    const { rocAuc } = evaluate(Float32Array.from(scores), Uint8Array.from(truth), { positive: 'x' });
    expect(rocAuc).toBeGreaterThan(0.6);
    expect(marginAuc(scored(scores, truth), 0)).toBeCloseTo(rocAuc!, 12);
  });

  test('counts what lies within the margin, edge included, as equal', () => {
    // Against .5: .875 is above by more than .25, .75 by just that, .125 below by more.
    expect(marginAuc(scored([0.5, 0.875], [0, 1]), 0.25)).toBe(1);
    expect(marginAuc(scored([0.5, 0.75], [0, 1]), 0.25)).toBe(0.5);
    expect(marginAuc(scored([0.5, 0.25], [0, 1]), 0.25)).toBe(0.5);
    expect(marginAuc(scored([0.5, 0.125], [0, 1]), 0.25)).toBe(0);
    expect(marginAuc(scored([0.5, 0.125, 0.75, 0.875], [0, 1, 1, 1]), 0.25)).toBe(0.5);
  });

  test('is .5 for a model that is nearly constant, whichever way it leans, and 1 for one that knows', () => {
    const truth = [0, 0, 0, 1, 1];
    const leaning = scored([0.5, 0.501, 0.502, 0.503, 0.504], truth);
    expect(evaluate(leaning.scores, leaning.truth, { positive: 'x' }).rocAuc).toBe(1);
    expect(marginAuc(leaning, 0.2)).toBe(0.5);
    expect(leakCheck(leaning, scored([0.1, 0, 0.2, 0.9, 0.8], truth))).toEqual({
      margin: 0.2,
      toneAuc: 0.5,
      sequenceAuc: 1,
    });
  });

  test('needs both classes', () => {
    for (const truth of [
      [0, 0],
      [1, 1],
    ]) {
      expect(() => marginAuc(scored([0, 1], truth), 0.2)).toThrow(/truth must be of both classes/);
    }
  });
});

describe('permuteTrainingLabels', () => {
  const parts = ['train', 'train', 'train', 'train', 'train', 'validation', 'test', 'held-out'] as const;
  const corpus: BeepCorpus = {
    folder: '',
    backgrounds: 'none',
    size: 'tiny',
    source: null,
    packages: [],
    checksums: null,
    recordings: parts.map((part, i) => ({
      name: `${part}/${i}`,
      part,
      path: `/${i}.wav`,
      labels: [{ startSec: i, endSec: i + 1, label: 'tone' }],
      durationSec: 60,
      snrDb: null,
      profiles: [],
      events: [],
      clips: [],
      sha256: { wav: '', txt: '' },
      planHash: '',
    })),
  };

  test('deals the labels of training out anew: each to another recording, all of them once', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { recordings } = permuteTrainingLabels(corpus, seed);
      const training = recordings.slice(0, 5);
      for (const [i, { labels }] of training.entries()) expect(labels).not.toEqual(corpus.recordings[i]!.labels);
      expect(training.map(({ labels }) => labels[0]!.startSec).sort()).toEqual([0, 1, 2, 3, 4]);
      expect(recordings.slice(5)).toEqual(corpus.recordings.slice(5));
      expect(recordings.map(({ labels, ...rest }) => rest)).toEqual(
        corpus.recordings.map(({ labels, ...rest }) => rest),
      );
    }
  });

  test('follows from the seed', () => {
    const orders = [1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(permuteTrainingLabels(corpus, seed)));
    expect(JSON.stringify(permuteTrainingLabels(corpus, 1))).toBe(orders[0]);
    expect(new Set(orders).size).toBeGreaterThan(3);
  });
});
