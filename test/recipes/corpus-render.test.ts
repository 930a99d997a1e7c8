import { describe, expect, test } from 'vitest';
import { stft } from '../../src/features/index.js';
import type { EventKind } from '../../src/recipes/beep-sequence/corpus/index.js';
import { type FilePlan, planCorpus, SNRS_DB } from '../../src/recipes/beep-sequence/corpus/plan.js';
import { type RenderedFile, renderFile } from '../../src/recipes/beep-sequence/corpus/render.js';
import { syntheticLibrary } from '../../src/recipes/beep-sequence/corpus/synthetic.js';

const SEED = 5;
const RATE = 16_000;
const library = syntheticLibrary(SEED, 'test');

function plan(events: FilePlan['events'], durationSec = 20): FilePlan {
  return { name: 'test/one', part: 'test', durationSec, stretchSec: durationSec, profiles: ['speech'], events };
}

/** Least-squares gain of `b` in `a` over samples `[0, end)`. */
function gainBetween(a: Float64Array, b: Float64Array, end: number): number {
  let ab = 0;
  let bb = 0;
  for (let i = 0; i < end; i++) {
    ab += a[i]! * b[i]!;
    bb += b[i]! * b[i]!;
  }
  return ab / bb;
}

/**
 * Whether each 150 ms window (the seed's, Blackman) hears the tone in its middle, one value per 100 ms: a peak near
 * 4 kHz well over its neighbourhood, and not 9 dB below the loudest window.
 */
function toneValues(samples: Float64Array): boolean[] {
  const features = stft(
    { samples: Float32Array.from(samples), sampleRate: RATE },
    {
      sampleRate: RATE,
      nFft: 2400,
      hopLength: 1600,
      window: 'blackman',
      windowSymmetry: 'symmetric',
      center: false,
      power: 2,
    },
  );
  const width = features.shape[1]!;
  const bins = Array.from({ length: features.nFrames }, (_, t) => features.data.subarray(t * width, (t + 1) * width));
  const peaks = bins.map((frame) => Math.max(...frame.subarray(597, 604)));
  const loudest = Math.max(...peaks);
  return bins.map((frame, t) => {
    const beside = Float32Array.from([...frame.subarray(540, 570), ...frame.subarray(631, 661)]).sort();
    return peaks[t]! > beside[30]! * 40 && peaks[t]! > loudest / 8;
  });
}

function asText(values: readonly boolean[]): string {
  return values.map(Number).join('');
}

describe('render', () => {
  test.each(SNRS_DB)('a sequence is %d dB over its background', async (snrDb) => {
    const mixed = await renderFile(SEED, plan([{ kind: 'continuous', snrDb }]), library);
    const alone = await renderFile(SEED, plan([]), library);
    const event = mixed.events[0]!;
    const first = Math.round(event.startSec * RATE);
    const last = Math.round(event.endSec * RATE);
    const gain = gainBetween(mixed.samples, alone.samples, first - 100);
    let tone = 0;
    let behind = 0;
    for (let i = first; i < last; i++) {
      const background = gain * alone.samples[i]!;
      tone += (mixed.samples[i]! - background) ** 2;
      behind += background ** 2;
    }
    // Least squares over a finite stretch leaves a little of the background in the difference.
    expect(10 * Math.log10(tone / behind)).toBeCloseTo(snrDb, 1);
  });

  test('labels say where a 150 ms window hears the tone, in the rhythm of the seed', async () => {
    const file = await renderFile(SEED, plan([{ kind: 'sequence', snrDb: 15 }]), library);
    const values = toneValues(file.samples);
    const sequence = file.labels.find((label) => label.label === 'sequence')!;
    expect(file.labels.filter((label) => label.label === 'tone')).toHaveLength(4);
    const heard = asText(values).replace(/^0+|0+$/g, '');
    expect(heard).toMatch(/^1{4,6}0{4,6}1{4,6}0{4,6}1{4,6}0{4,6}1{4,6}$/);
    const firstSec = values.indexOf(true) / 10;
    expect(firstSec).toBeGreaterThan(sequence.startSec - 0.16);
    expect(firstSec).toBeLessThan(sequence.startSec + 0.11);
  });

  test('missing beeps show at 100 ms a value: a run is split, or at least two values shorter than the others', async () => {
    const runsHeard = async (kind: EventKind, seed: number) => {
      const file = await renderFile(seed, plan([{ kind, snrDb: 15 }], 10), library);
      const heard = asText(toneValues(file.samples))
        .match(/1+/g)!
        .map((run) => run.length);
      return { runs: heard.length, spread: Math.max(...heard) - Math.min(...heard) };
    };
    for (let seed = 0; seed < 12; seed++) {
      for (const kind of ['missing-beep', 'missing-pair'] as const) {
        const missing = await runsHeard(kind, seed);
        expect(missing.runs === 5 || missing.spread >= 2, `${kind} ${seed} ${JSON.stringify(missing)}`).toBe(true);
      }
      const whole = await runsHeard('sequence', seed);
      expect(whole.runs === 4 && whole.spread <= 1, `whole ${seed} ${JSON.stringify(whole)}`).toBe(true);
    }
  });

  test('another pitch carries no tone label and no 4 kHz', async () => {
    for (const kind of ['other-pitch-low', 'other-pitch-high'] as const) {
      const file = await renderFile(SEED, plan([{ kind, snrDb: 20 }]), library);
      expect(file.labels.map((label) => label.label)).toEqual([`hard:${kind}`]);
      expect(toneValues(file.samples).filter(Boolean)).toHaveLength(0);
    }
  });

  test('samples stay inside full scale, events apart and inside the file', async () => {
    for (const tiny of planCorpus(SEED, 'tiny', ['test'])) {
      const file: RenderedFile = await renderFile(SEED, tiny, library);
      const peak = file.samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(peak).toBeGreaterThan(0.29);
      expect(peak).toBeLessThanOrEqual(0.951);
      expect(file.events.length).toBe(tiny.events.length);
      for (const [i, event] of file.events.entries()) {
        expect(event.startSec - (file.events[i - 1]?.endSec ?? 0)).toBeGreaterThan(1.99);
        expect(event.endSec).toBeLessThan(tiny.durationSec);
      }
    }
  });

  test('events that do not fit are refused with both lengths', async () => {
    const events = Array.from({ length: 6 }, () => ({ kind: 'sequence' as const, snrDb: 0 }));
    await expect(renderFile(SEED, plan(events), library)).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });
});
