/** `layout: 'fftpack-packed'` against scipy.fftpack, and what it shares with the complex spectrum. */
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../src/errors.js';
import { Stft, stft } from '../../src/features/index.js';
import { defineSpec, featureHash, frameShape } from '../../src/spec/index.js';
import { computed } from '../golden/computed.js';
import { loadGolden } from '../golden/golden-data.js';
import { bits, noise, SAMPLE_RATE, signal } from './signals.js';

const PACKED = {
  sampleRate: SAMPLE_RATE,
  nFft: 2400,
  hopLength: 80,
  window: 'blackman',
  windowSymmetry: 'symmetric',
  center: false,
  layout: 'fftpack-packed',
} as const;

function sameButScale(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return (
    JSON.stringify({ ...a, scale: 'linear' }) === JSON.stringify({ ...b, scale: 'linear' }) && a.scale === 'linear'
  );
}

const FLOAT32_FFT = 1e-7;
const cases = loadGolden('scipy').cases.filter(({ options }) => options.layout === 'fftpack-packed');

describe('packed spectra', () => {
  it('have cases', () => {
    expect(cases.length).toBeGreaterThan(8);
  });

  it.each(cases)('of $input, $options', (golden) => {
    const { input, options, shape, expected } = golden;
    const found = computed(golden);
    expect(found.shape).toEqual(shape);
    const linear = cases.find((each) => each.input === input && sameButScale(each.options, options))!;
    const largest = Math.max(...Array.from(linear.expected, Math.abs));
    Array.from(expected).forEach((value, i) => {
      const got = found.data[i]!;
      const lost = 10 * FLOAT32_FFT * largest;
      // Decibels of a column: the same loss relative to the column.
      const magnitude = Math.abs(linear.expected[i]!);
      const allowed = options.scale === 'db' ? 1e-4 + 20 * Math.log10(1 + lost / magnitude) * 2 : lost;
      expect(Math.abs(got - value), `value ${i}: ${got} instead of ${value} ± ${allowed}`).toBeLessThanOrEqual(allowed);
    });
  });

  it.each([1, 2, 5, 6, 16, 251, 400])('hold the complex spectrum, nFft %i', (nFft) => {
    const x = signal(noise(5000));
    const o = { nFft, hopLength: 37, center: false } as const;
    const complex = stft(x, o);
    const packed = stft(x, { ...o, layout: 'fftpack-packed' });
    expect(packed.shape).toEqual([complex.nFrames, nFft]);
    const width = 2 * complex.shape[1]!;
    for (let t = 0; t < packed.nFrames; t += 1) {
      const row = complex.data.subarray(t * width, (t + 1) * width);
      const expected = Float32Array.of(row[0]!, ...row.subarray(2, nFft + 1));
      expect(bits(packed.data.subarray(t * nFft, (t + 1) * nFft))).toEqual(bits(expected));
    }
  });

  it.each(['inclusive', 'exclusive'] as const)('stream, %s, the same frames', (tail) => {
    const x = noise(2400 + 80 * 20);
    const plan = new Stft({ ...PACKED, tail, scale: 'db' });
    const whole = plan.process(signal(x));
    expect(whole.nFrames).toBe(tail === 'exclusive' ? 20 : 21);
    const stream = plan.stream();
    const parts: number[] = [];
    for (let at = 0; at < x.length; at += 333) parts.push(...stream.push(x.subarray(at, at + 333)).data);
    parts.push(...stream.flush().data);
    expect(bits(Float32Array.from(parts))).toEqual(bits(whole.data));
  });

  it('in decibels have one floor, the smallest normal float32', () => {
    const { data } = stft(signal(new Float32Array(64)), {
      nFft: 16,
      center: false,
      layout: 'fftpack-packed',
      scale: 'db',
    });
    expect(data.length).toBe(16 * 13);
    for (const value of data) expect(value).toBeCloseTo(20 * Math.log10(2 ** -126), 3);
  });

  it('may be relative to the loudest column of the clip', () => {
    const { data } = stft(signal(noise(4000)), { ...PACKED, scale: 'db', ref: 'max', topDb: 60 });
    expect(Math.max(...data)).toBe(0);
    expect(Math.min(...data)).toBe(-60);
  });

  it('stand in a spec, and mean something else than bins', () => {
    const { sampleRate, ...given } = PACKED;
    const rest = { task: 'classify', audio: { sampleRate }, stages: [], labels: ['a', 'b'], positive: 'b' } as const;
    const features = { kind: 'stft', ...given, tail: 'exclusive', scale: 'db' } as const;
    const spec = defineSpec({ ...rest, features });
    expect(defineSpec(JSON.parse(JSON.stringify(spec))).hash).toBe(spec.hash);
    expect(frameShape(spec.features)).toEqual([2400]);
    const { layout: _layout, tail: _tail, ...bins } = features;
    const engine = { numericVersion: 2, device: 'cpu' };
    const others = [{ ...features, tail: 'inclusive' } as const, { ...bins, power: 1 } as const];
    const hashes = [spec, ...others.map((other) => defineSpec({ ...rest, features: other }))].map((each) =>
      featureHash(each, engine),
    );
    expect(new Set(hashes).size).toBe(3);
  });

  it('refuse what has no meaning for them', () => {
    const x = signal(noise(4000));
    const refused = (o: object) => () => stft(x, { ...PACKED, ...o });
    for (const o of [{ power: 2 }, { fMin: 100 }, { fMax: 4000 }, { center: true, tail: 'exclusive' }, { ref: 2 }]) {
      expect(refused(o), JSON.stringify(o)).toThrow(ParameterError);
    }
    expect(() => stft(x, { nFft: 16, ...JSON.parse('{"tail":"exclusive"}') })).toThrow('tail');
    expect(() => stft(signal(noise(2400)), { ...PACKED, tail: 'exclusive' })).toThrow('at least 2401 samples');
  });
});
