import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAudio, toFloat, toInterleavedFloat, writeAudio } from '../../src/audio/index.js';
import {
  aiffFile,
  bytesOf,
  maxDifference,
  sameBits,
  sphereFile,
  temporaryFolder,
  toInt16,
  tone,
  wavFile,
} from './signals.js';

const folder = temporaryFolder();
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const RATE = 16_000;
const mono = tone(4800, 440, RATE);
const integers = toInt16(mono);

async function save(name: string, channels = 1): Promise<string> {
  const path = join(folder, name);
  const samples = channels === 1 ? mono : tone(9600, 440, 2 * RATE);
  await writeAudio(path, { samples, sampleRate: RATE, channels });
  return path;
}

describe('readAudio of WAV', () => {
  it('is a view over the bytes it was given, sliced or not', async () => {
    const bytes = wavFile(bytesOf(integers));
    const whole = await readAudio(bytes);
    const slice = await readAudio(bytes, { startSec: 0.1, durationSec: 0.05 });
    expect(whole).toMatchObject({ format: 's16', channels: 1, sampleRate: RATE, nSamples: 4800 });
    expect(whole.bytes.buffer).toBe(bytes.buffer);
    expect(slice.bytes.buffer).toBe(bytes.buffer);
    expect(slice.bytes.byteOffset).toBe(44 + 2 * 1600);
    expect(slice.nSamples).toBe(800);
  });

  it('converts the same samples from path, file: URL and bytes', async () => {
    const path = join(folder, 'plain.wav');
    writeFileSync(path, wavFile(bytesOf(integers)));
    const expected = Float32Array.from(integers, (value) => value / 32768);
    for (const input of [path, pathToFileURL(path), new Uint8Array(readFileSync(path))]) {
      expect(toFloat(await readAudio(input), 0)).toEqual(expected);
    }
  });

  it('reads float samples at an address that is not a multiple of four', async () => {
    const shifted = new Uint8Array(1 + 44 + mono.byteLength).subarray(1);
    shifted.set(wavFile(bytesOf(mono), { tag: 3, bits: 32 }));
    expect(toFloat(await readAudio(shifted), 0)).toEqual(mono);
  });

  it('gives encodings of WAV outside PCM to libsndfile', async () => {
    for (const [name, tolerance] of [
      ['tone-adpcm.wav', 0.02], // 4 bits a sample
      ['tone-big-endian.wav', 1 / 32768],
    ] as const) {
      const samples = toFloat(await readAudio(fixture(name)), 0);
      // ADPCM needs some samples to find its step.
      expect(maxDifference(samples.subarray(100, 4800), mono.subarray(100)), name).toBeLessThan(tolerance);
    }
  });
});

describe('readAudio of other formats', () => {
  // Tolerances: half a step of 16 bits where nothing is lost; a lossy codec's error on a clean tone otherwise.
  const exact = 1 / 65536 + 1e-9;
  const written: [string, number][] = [
    ['tone.flac', exact],
    ['tone.ogg', 0.05],
  ];
  const fixtures: [string, number][] = [
    ['tone.caf', 2 * exact], // libsndfile, which made the fixtures, scales by 32767
    ['tone.w64', 2 * exact],
    ['tone.mp3', 0.05],
    ['tone.opus', 0.05],
  ];

  it.each(written)('%s', async (name, tolerance) => {
    const pcm = await readAudio(await save(name));
    expect(pcm).toMatchObject({ format: 'f32', channels: 1, sampleRate: RATE, nSamples: 4800 });
    expect(maxDifference(toFloat(pcm, 0), mono)).toBeLessThan(tolerance);
  });

  it.each(fixtures)('%s, by path and by bytes alike', async (name, tolerance) => {
    const pcm = await readAudio(fixture(name));
    expect(pcm).toMatchObject({ channels: 1, sampleRate: RATE, nSamples: 4800 });
    // The first and last packets of a lossy codec ring.
    const inside = toFloat(pcm, 0).subarray(1000, 3800);
    expect(maxDifference(inside, mono.subarray(1000, 3800))).toBeLessThan(tolerance);
    const { bytes, ...rest } = await readAudio(new Uint8Array(readFileSync(fixture(name))));
    expect(pcm).toMatchObject(rest);
    expect(sameBits(bytes, pcm.bytes)).toBe(true);
  });

  it('AIFF and NIST SPHERE hold the same integers as WAV', async () => {
    const expected = Float32Array.from(integers, (value) => value / 32768);
    expect(toFloat(await readAudio(aiffFile(integers, RATE)), 0)).toEqual(expected);
    expect(toFloat(await readAudio(sphereFile(integers, RATE)), 0)).toEqual(expected);
  });

  it.each(['a.wav', 'a.flac', 'a.ogg', 'tone.mp3', 'tone.opus', 'tone.caf', 'tone-adpcm.wav'])(
    'a slice of %s has the bits of the whole',
    async (name) => {
      const path = name.startsWith('tone') ? fixture(name) : await save(name, 2);
      const whole = toInterleavedFloat(await readAudio(path));
      const slice = await readAudio(path, { startSec: 0.1, durationSec: 0.123 });
      const { channels } = slice;
      expect(slice.nSamples).toBe(1968);
      expect(toInterleavedFloat(slice)).toEqual(whole.slice(1600 * channels, (1600 + 1968) * channels));
    },
  );
});

describe('readAudio options', () => {
  const left = Int16Array.from({ length: 1000 }, (_, i) => i);
  const stereo = Int16Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? left[i / 2]! : -3 * left[(i - 1) / 2]!));
  const input = { samples: stereo, sampleRate: RATE, channels: 2 };

  it('takes a channel, the mean, or all of them as they lie', async () => {
    const all = await readAudio(input);
    expect(all.bytes.buffer).toBe(stereo.buffer);
    expect(all).toMatchObject({ channels: 2, nSamples: 1000, format: 's16' });
    const second = await readAudio(input, { channel: 1 });
    expect(second.channels).toBe(1);
    expect(toFloat(second, 0)).toEqual(Float32Array.from(left, (value) => (0 - 3 * value) / 32768));
    expect(toFloat(await readAudio(input, { channel: 'mean' }), 0)).toEqual(
      Float32Array.from(left, (value) => (0 - value) / 32768),
    );
  });

  it('copies nothing to take the only channel', async () => {
    const pcm = await readAudio({ samples: mono, sampleRate: RATE }, { channel: 0 });
    expect(pcm.bytes.buffer).toBe(mono.buffer);
    expect(toFloat(pcm, 'mean').buffer).toBe(mono.buffer);
  });

  it('gives what there is when the recording ends before the duration', async () => {
    expect((await readAudio(input, { startSec: 0.05, durationSec: 60 })).nSamples).toBe(200);
  });

  it.each([
    [{ channel: 2 }, 'ERR_AUDIO_CHANNEL', 'channel must be 0 to 1'],
    [{ channel: -1 }, 'ERR_OPTION', 'channel must be'],
    [{ startSec: -1 }, 'ERR_OPTION', 'startSec must be'],
    [{ startSec: 1 }, 'ERR_OPTION', "before the recording's end at 0.0625 s"],
    [{ durationSec: 0 }, 'ERR_OPTION', 'durationSec must be'],
    [{ durationSec: 1e-9 }, 'ERR_OPTION', 'at least one sample'],
    [{ sampleRate: 0 }, 'ERR_SAMPLE_RATE', 'sampleRate must be a positive whole number of Hz, got 0'],
  ])('%j is %s', async (options, code, message) => {
    await expect(readAudio(input, options)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('refuses an option that does not exist', async () => {
    // @ts-expect-error what a caller without types can do
    await expect(readAudio(input, { rate: 16_000 })).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_OPTION',
      message: expect.stringContaining('got "rate"'),
    });
  });

  it('refuses samples without a rate, or that do not fit their shape', async () => {
    const samples = new Float32Array(10);
    await expect(readAudio({ samples, sampleRate: Number.NaN })).rejects.toMatchObject({ code: 'ERR_SAMPLE_RATE' });
    await expect(readAudio({ samples, sampleRate: 8000, channels: 3 })).rejects.toMatchObject({ code: 'ERR_SHAPE' });
    const short = { bytes: new Uint8Array(9), format: 's16', channels: 1, sampleRate: 8000, nSamples: 5 } as const;
    await expect(readAudio(short)).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  });
});
