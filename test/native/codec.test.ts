import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/native/index.js';

const addon = loadAddon();
const fixture = fileURLToPath(new URL('../audio/fixtures/tone.caf', import.meta.url));
const noise = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * i * 0.001));

describe('Decoder', () => {
  it('reads on where it stopped, passes over what is skipped, and ends', () => {
    const decoder = new addon.Decoder(fixture);
    expect(decoder.info()).toMatchObject({ channels: 1, sampleRate: 16_000, nSamples: 4800, expectedSamples: 4800 });
    const whole = new Float32Array(4800);
    expect(new addon.Decoder(fixture).read(whole)).toBe(4800);
    const part = new Float32Array(1000);
    expect(decoder.read(part)).toBe(1000);
    expect(part).toEqual(whole.slice(0, 1000));
    expect(decoder.skip(2000)).toBe(2000);
    expect(decoder.read(part)).toBe(1000);
    expect(part).toEqual(whole.slice(3000, 4000));
    expect(decoder.read(part)).toBe(800);
    expect(decoder.read(part)).toBe(0);
    expect(decoder.skip(1)).toBe(0);
  });

  it('keeps its own copy of the bytes', () => {
    const bytes = new Uint8Array(readFileSync(fixture));
    const decoder = new addon.Decoder(bytes);
    bytes.fill(0);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    const [out, expected] = [new Float32Array(4800), new Float32Array(4800)];
    expect(decoder.read(out)).toBe(4800);
    new addon.Decoder(fixture).read(expected);
    expect(out).toEqual(expected);
  });

  it('refuses what does not fit, and to go on when closed', () => {
    const stereo = new addon.Decoder(addon.codecEncode(noise(200), 2, 8000, 'flac'));
    expect(() => stereo.read(new Float32Array(3))).toThrow('whole samples of 2 channels, got 3');
    stereo.close();
    stereo.close();
    for (const use of [() => stereo.info(), () => stereo.read(new Float32Array(2)), () => stereo.skip(1)]) {
      expect(use).toThrow('decoder must be open, got one that was closed');
    }
    expect(() => new addon.Decoder(new Uint8Array(3))).toThrow(expect.objectContaining({ code: 'ERR_AUDIO_FORMAT' }));
    expect(() => new addon.Decoder('')).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
  });
});

describe('Resampler', () => {
  /** Pushes pieces of `size`, each with exactly the room it may need. */
  function inPieces(x: Float32Array, from: number, to: number, size: number): Float32Array {
    const resampler = new addon.Resampler(from, to);
    const out = new Float32Array(Math.ceil((x.length * to) / from));
    let made = 0;
    for (let first = 0; first < x.length; first += size) {
      const piece = x.subarray(first, first + size);
      const room = Math.ceil(((first + piece.length) * to) / from);
      made += resampler.push(piece, out.subarray(made, room));
    }
    made += resampler.finish(out.subarray(made));
    expect(made).toBe(out.length);
    resampler.close();
    return out;
  }

  it.each([
    [44_100, 16_000],
    [16_000, 44_100],
    [48_000, 16_000],
    [44_100, 15_999],
    [16_000, 100],
  ])('gives the same bits however %i → %i Hz is cut', (from, to) => {
    const x = noise(20_003);
    const whole = inPieces(x, from, to, x.length);
    expect(whole.some((value) => Math.abs(value) > 0.1)).toBe(true);
    for (const size of [1, 7, 1000, 4096]) expect(inPieces(x, from, to, size)).toEqual(whole);
  });

  it('wants room for all that may come, and nothing after its end', () => {
    const resampler = new addon.Resampler(8000, 16_000);
    expect(() => resampler.push(noise(10), new Float32Array(19))).toThrow('out must hold 20 samples, got 19');
    expect(resampler.push(new Float32Array(0), new Float32Array(0))).toBe(0);
    expect(resampler.finish(new Float32Array(0))).toBe(0);
    expect(() => resampler.push(noise(1), new Float32Array(2))).toThrow('one that was finished');
    expect(() => resampler.finish(new Float32Array(2))).toThrow('one that was finished');
    expect(() => new addon.Resampler(0, 8000)).toThrow(expect.objectContaining({ code: 'ERR_OPTION' }));
    resampler.close();
    expect(() => resampler.finish(new Float32Array(2))).toThrow('one that was closed');
  });
});

describe('maxAbs', () => {
  it('is the largest magnitude, of any length', () => {
    for (const n of [0, 1, 7, 31, 33, 400]) {
      const x = noise(n);
      expect(addon.maxAbs(x)).toBe(x.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0));
    }
    expect(addon.maxAbs(Float32Array.of(0.5, -0.75))).toBe(0.75);
    expect(addon.maxAbs(Float32Array.of(-0))).toBe(0);
  });
});
