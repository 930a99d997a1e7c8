import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CochleaError } from '../../src/errors.js';
import { loadAddon, type WavLayout } from '../../src/native/index.js';
import { ascii, little, type WavParts, wavBytes } from './wav-bytes.js';

const addon = loadAddon();

function errorOf(bytes: Uint8Array): CochleaError {
  try {
    addon.parseWav(bytes);
  } catch (thrown) {
    if (thrown instanceof CochleaError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

function samplesOf(bytes: Uint8Array, channel: number): number[] {
  const { format, channels, nSamples, dataOffset, dataBytes } = addon.parseWav(bytes);
  const out = new Float32Array(nSamples);
  const pcm = { bytes: bytes.subarray(dataOffset, dataOffset + dataBytes), format, channels, channel, nSamples };
  addon.pcmToFloat(pcm, 0, nSamples, out);
  return [...out];
}

const raw = (fill: (view: DataView) => void, n: number): Uint8Array => {
  const bytes = new Uint8Array(n);
  fill(new DataView(bytes.buffer));
  return bytes;
};

describe('formats', () => {
  const cases: [string, WavParts, number[]][] = [
    ['8-bit', { bits: 8, data: Uint8Array.of(0, 128, 192) }, [-1, 0, 0.5]],
    ['16-bit', { data: Uint8Array.of(0x00, 0x80, 0x00, 0x40) }, [-1, 0.5]],
    ['24-bit', { bits: 24, data: Uint8Array.of(0, 0, 0x80, 0, 0, 0x20) }, [-1, 0.25]],
    ['32-bit', { bits: 32, data: Uint8Array.of(0, 0, 0, 0x80, 0, 0, 0, 0x10) }, [-1, 0.125]],
    ['float', { tag: 3, bits: 32, data: new Uint8Array(Float32Array.of(0.75, -2).buffer) }, [0.75, -2]],
    ['double', { tag: 3, bits: 64, data: raw((v) => v.setFloat64(0, -0.375, true), 8) }, [-0.375]],
    ['A-law', { tag: 6, bits: 8, data: Uint8Array.of(0xd5, 0x2a) }, [8 / 32768, -32256 / 32768]],
    ['µ-law', { tag: 7, bits: 8, data: Uint8Array.of(0xff, 0x80) }, [0, 32124 / 32768]],
    ['extensible 16-bit', { extensible: true, data: Uint8Array.of(0x00, 0x80, 0x00, 0x40) }, [-1, 0.5]],
    [
      'extensible float',
      { extensible: true, tag: 3, bits: 32, data: raw((v) => v.setFloat32(0, 0.5, true), 4) },
      [0.5],
    ],
  ];
  it.each(cases)('%s', (_name, parts, expected) => {
    expect(samplesOf(wavBytes(parts), 0)).toEqual(expected);
  });

  it('takes a channel, or their mean', () => {
    const bytes = wavBytes({ channels: 2, data: Uint8Array.of(0x00, 0x40, 0x00, 0x20, 0x00, 0x80, 0x00, 0x40) });
    expect(samplesOf(bytes, 0)).toEqual([0.5, -1]);
    expect(samplesOf(bytes, 1)).toEqual([0.25, 0.5]);
    expect(samplesOf(bytes, -1)).toEqual([0.375, -0.25]);
  });
});

describe('containers', () => {
  const data = Uint8Array.of(1, 0, 2, 0, 3, 0);

  it('steps over chunks of odd length, before and after the data', () => {
    const odd: [string, Uint8Array][] = [['LIST', Uint8Array.of(1, 2, 3)]];
    const plain: WavLayout = {
      format: 's16',
      channels: 1,
      sampleRate: 16_000,
      nSamples: 3,
      dataOffset: 44,
      dataBytes: 6,
    };
    expect(addon.parseWav(wavBytes({ data }))).toEqual(plain);
    expect(addon.parseWav(wavBytes({ data, before: odd }))).toEqual({ ...plain, dataOffset: 56 });
    expect(addon.parseWav(wavBytes({ data, after: odd }))).toEqual(plain);
  });

  it('reads a streamed file to its end', () => {
    const unknown = 0xffffffff;
    expect(addon.parseWav(wavBytes({ data, dataSize: unknown, riffSize: unknown })).nSamples).toBe(3);
    expect(addon.parseWav(wavBytes({ data, dataSize: 0, riffSize: 0 })).nSamples).toBe(3);
    expect(addon.parseWav(wavBytes({ data, dataSize: 0, riffSize: 36 })).nSamples).toBe(3);
  });

  it('takes an empty data chunk for what it is', () => {
    expect(addon.parseWav(wavBytes()).nSamples).toBe(0);
    expect(addon.parseWav(wavBytes({ after: [['LIST', Uint8Array.of(1, 2, 3, 4)]] })).nSamples).toBe(0);
  });

  it('leaves a block that the data ends in the middle of', () => {
    expect(addon.parseWav(wavBytes({ channels: 2, data: data.subarray(0, 6) })).nSamples).toBe(1);
  });

  it('reads RF64 and BW64 by their ds64 chunk', () => {
    const unknown = 0xffffffff;
    const rf64 = (magic: string, dataBytes: number) => {
      const ds64 = [
        ...ascii('ds64'),
        ...little(28, 4),
        ...little(0, 8),
        ...little(dataBytes, 8),
        ...little(3, 8),
        ...little(0, 4),
      ];
      const file = [...wavBytes({ magic, data, dataSize: unknown, riffSize: unknown })];
      return Uint8Array.from([...file.slice(0, 12), ...ds64, ...file.slice(12)]);
    };
    expect(addon.parseWav(rf64('RF64', 6))).toMatchObject({ nSamples: 3, dataOffset: 80 });
    expect(addon.parseWav(rf64('BW64', 4)).nSamples).toBe(2);
    expect(errorOf(rf64('RF64', 8))).toMatchObject({ code: 'ERR_WAV_TRUNCATED' });
    expect(errorOf(rf64('RF64', 2 ** 63))).toMatchObject({ code: 'ERR_WAV_TRUNCATED' });
    expect(errorOf(wavBytes({ magic: 'RF64', data, dataSize: unknown }))).toMatchObject({ code: 'ERR_WAV_HEADER' });
  });
});

describe('bad files', () => {
  const data = Uint8Array.of(1, 0, 2, 0);
  const cases: [string, Uint8Array, string, number, RegExp][] = [
    ['no bytes', new Uint8Array(0), 'ERR_AUDIO_EMPTY', 0, /longer than 0/],
    ['not RIFF', Uint8Array.from(ascii('OggS and more bytes')), 'ERR_AUDIO_FORMAT', 0, /RIFF/],
    ['another form', wavBytes({ form: 'AVI ' }), 'ERR_AUDIO_FORMAT', 8, /WAVE/],
    ['big-endian', wavBytes({ magic: 'RIFX' }), 'ERR_WAV_CODEC', 0, /RIFX/],
    ['cut in the header', wavBytes({ data }).subarray(0, 30), 'ERR_WAV_TRUNCATED', 30, /got 30/],
    ['cut in the data', wavBytes({ data }).subarray(0, 46), 'ERR_WAV_TRUNCATED', 46, /at least 48 bytes.*got 46/],
    [
      'no channels',
      wavBytes({ channels: 0, blockAlign: 2, data }),
      'ERR_WAV_HEADER',
      22,
      /channels must be at least 1/,
    ],
    ['0 Hz', wavBytes({ sampleRate: 0, data }), 'ERR_WAV_HEADER', 24, /sampleRate must be positive, got 0/],
    ['wrong block size', wavBytes({ blockAlign: 3, data }), 'ERR_WAV_HEADER', 32, /blockAlign must be 2 .*got 3/],
    ['no width', wavBytes({ bits: 0, blockAlign: 2, data }), 'ERR_WAV_HEADER', 34, /bitsPerSample/],
    ['64-bit integers', wavBytes({ bits: 64, data }), 'ERR_WAV_CODEC', 34, /got 64/],
    ['ADPCM', wavBytes({ tag: 2, data }), 'ERR_WAV_CODEC', 20, /got 0x0002/],
    ['MP3 inside', wavBytes({ tag: 0x55, extensible: true, data }), 'ERR_WAV_CODEC', 20, /got 0x0055/],
  ];
  it.each(cases)('%s', (_name, bytes, code, byteOffset, message) => {
    const error = errorOf(bytes);
    expect(error).toMatchObject({ code, details: { byteOffset } });
    expect(error.message).toMatch(message);
  });

  it('survives any mutation: a layout inside the bytes, or an error with a code', () => {
    let read = 0;
    const mutated = fc.record({
      parts: fc.record({
        tag: fc.constantFrom(1, 3, 6, 7),
        channels: fc.integer({ min: 1, max: 3 }),
        bits: fc.constantFrom(8, 16, 24, 32),
        extensible: fc.boolean(),
      }),
      changes: fc.array(fc.tuple(fc.nat(90), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { maxLength: 4 }),
      keep: fc.nat(90),
      cut: fc.boolean(),
    });
    const property = fc.property(mutated, ({ parts, changes, keep, cut }) => {
      const bytes = wavBytes({ ...parts, data: new Uint8Array(24) });
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const input = cut ? bytes.subarray(0, keep) : bytes;
      try {
        const layout = addon.parseWav(input);
        read += 1;
        expect(layout.dataOffset + layout.dataBytes).toBeLessThanOrEqual(input.length);
        expect(samplesOf(input, -1)).toHaveLength(layout.nSamples);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(CochleaError);
        expect((thrown as CochleaError).details.byteOffset).toBeTypeOf('number');
      }
    });
    fc.assert(property, { numRuns: 3000, ...(process.env.FC_SEED ? { seed: Number(process.env.FC_SEED) } : {}) });
    expect(read).toBeGreaterThan(100);
  });
});

it('finds the first sample that is not finite', () => {
  const find = (values: number[], channels: number) => {
    const bytes = new Uint8Array(Float32Array.from(values).buffer);
    return addon.firstNonFinite({ bytes, format: 'f32', channels, channel: 0, nSamples: values.length / channels });
  };
  expect(find([0, 1, 2, 3], 2)).toBe(-1);
  expect(find([0, 1, 2, Number.NaN], 2)).toBe(1);
  expect(find([0, -Infinity, 2, 3], 1)).toBe(1);
  const huge = new Uint8Array(Float64Array.of(0, 1e300).buffer);
  expect(addon.firstNonFinite({ bytes: huge, format: 'f64', channels: 1, channel: 0, nSamples: 2 })).toBe(1);
});
