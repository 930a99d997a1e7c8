import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AudioReader,
  type OpenOptions,
  openAudio,
  readAudio,
  toFloat,
  toInterleavedFloat,
  writeAudio,
} from '../../src/audio/index.js';
import type { AudioInput } from '../../src/types.js';
import { watchLoop } from '../inference/loop-watch.js';
import { bytesOf, sameBits, temporaryFolder, toInt16, tone, wavFile } from './signals.js';

const folder = temporaryFolder();
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const at = (name: string) => join(folder, name);
const RATE = 44_100;
/** Two channels that differ, longer than a block. */
const N = 150_001;
const stereo = Float32Array.from({ length: 2 * N }, (_, i) => 0.4 * Math.sin((i >> 1) * (i % 2 === 0 ? 0.05 : 0.031)));

async function blocksOf(reader: AudioReader, n: number): Promise<Float32Array> {
  const blocks: number[] = [];
  for (let block = await reader.read(n); block !== null; block = await reader.read(n)) {
    for (const x of block) blocks.push(x);
    if (block.length < n * reader.channels) break;
  }
  expect(await reader.read(n)).toBeNull();
  expect(reader.nSamples).toBe(blocks.length / reader.channels);
  await reader.close();
  return Float32Array.from(blocks);
}

beforeAll(async () => {
  const audio = { samples: stereo, sampleRate: RATE, channels: 2 };
  await writeAudio(at('s16.wav'), audio);
  await writeAudio(at('a.flac'), audio);
  await writeAudio(at('a.ogg'), audio);
  writeFileSync(at('f32.wav'), wavFile(bytesOf(stereo), { tag: 3, bits: 32, channels: 2, sampleRate: RATE }));
});

describe('openAudio', () => {
  const inputs: [string, AudioInput][] = [
    ...['s16.wav', 'f32.wav', 'a.flac', 'a.ogg'].map((name): [string, string] => [name, at(name)]),
    ...['tone.mp3', 'tone.opus', 'tone-adpcm.wav', 'quiet-loud.mp3'].map((name): [string, string] => [
      name,
      fixture(name),
    ]),
    ['floats', { samples: stereo, sampleRate: RATE, channels: 2 }],
    ['integers', { samples: toInt16(stereo), sampleRate: RATE, channels: 2 }],
  ];
  const choices: OpenOptions[] = [
    {},
    { channel: 0 },
    { channel: 'mean', sampleRate: 16_000 },
    { sampleRate: 48_000 },
    { startSec: 0.11, durationSec: 0.101, channel: 0, sampleRate: 22_050 },
  ];

  it.each(inputs)('gives the bits of readAudio in blocks of any size: %s', async (_, input) => {
    for (const options of choices) {
      const whole = toInterleavedFloat(await readAudio(input, options));
      expect(whole.length).toBeGreaterThan(1000);
      for (const n of [1009, 65_536, Infinity]) {
        const reader = await openAudio(input, options);
        const { nSamples } = reader;
        const samples = await blocksOf(reader, n);
        expect(sameBits(samples, whole)).toBe(true);
        expect(nSamples ?? whole.length / reader.channels).toBe(whole.length / reader.channels);
      }
    }
  });

  it('knows how long a recording is, but for MP3', async () => {
    for (const [name, nSamples] of [
      [at('a.flac'), N],
      [at('s16.wav'), N],
      [fixture('tone.opus'), 4800],
      [fixture('tone.mp3'), null],
    ] as const) {
      const reader = await openAudio(name);
      expect(reader.nSamples).toBe(nSamples);
      expect(reader.source.samplesRead).toBe(0);
      await reader.close();
    }
  });

  it('tells the recording’s own rate and length beside the new ones', async () => {
    const reader = await openAudio(at('a.flac'), { sampleRate: 16_000, channel: 1 });
    const pcm = await reader.readAll();
    expect(pcm).toMatchObject({ sampleRate: 16_000, channels: 1, nSamples: Math.ceil((N * 16_000) / RATE) });
    expect(reader.source).toEqual({ sampleRate: RATE, samplesRead: N });
    await reader.close();
  });

  it('gives the rest after some blocks', async () => {
    const whole = toInterleavedFloat(await readAudio(at('s16.wav')));
    const reader = await openAudio(at('s16.wav'));
    const head = (await reader.read(1000))!;
    const rest = toInterleavedFloat(await reader.readAll());
    expect(sameBits(head, whole.subarray(0, 2000))).toBe(true);
    expect(sameBits(rest, whole.subarray(2000))).toBe(true);
    await reader.close();
  });

  it('reads of a WAV file what it is asked for', async () => {
    const slice = await readAudio(at('s16.wav'), { startSec: 1, durationSec: 0.01 });
    expect(slice.bytes.buffer.byteLength).toBe(441 * 4);
    const whole = toFloat(await readAudio(at('s16.wav')), 1);
    expect(toFloat(slice, 1)).toEqual(whole.slice(RATE, RATE + 441));
  });

  it('names the first sample that is not finite, however late', async () => {
    const bad = stereo.slice();
    bad[2 * 140_000 + 1] = Number.NaN;
    const path = at('nan.wav');
    writeFileSync(path, wavFile(bytesOf(bad), { tag: 3, bits: 32, channels: 2, sampleRate: RATE }));
    const error = {
      code: 'ERR_AUDIO_NOT_FINITE',
      message: `${path}: samples must be finite, got NaN or infinity at sample 140000`,
      details: { sample: 140_000 },
    };
    await expect(readAudio(path)).rejects.toMatchObject(error);
    await expect(readAudio(path, { sampleRate: 16_000 })).rejects.toMatchObject(error);
    const reader = await openAudio(path, { channel: 0 });
    expect(await reader.read(1000)).toHaveLength(1000);
    await expect(blocksOf(reader, 1000)).rejects.toMatchObject(error);
    await reader.close();
  });

  it('scales to the peak, whether it is kept in memory or read again', async () => {
    for (const n of [10_000, 5_000_000]) {
      const samples = Float32Array.from({ length: n }, (_, i) => 0.3 * Math.sin(i * 0.01));
      samples[n - 5] = -0.7;
      const reader = await openAudio({ samples, sampleRate: RATE }, { normalize: 'peak' });
      const scaled = toFloat(await reader.readAll(), 0);
      const scale = 1 / Math.abs(Math.fround(-0.7));
      expect(scaled.length).toBe(n);
      expect(scaled.every((x, i) => x === Math.fround(samples[i]! * scale))).toBe(true);
      expect(reader.source).toEqual({ sampleRate: RATE, samplesRead: n });
      await reader.close();
    }
  });

  it('leaves silence silent, and the input alone', async () => {
    const samples = new Float32Array(100);
    const silent = await openAudio({ samples, sampleRate: RATE }, { normalize: 'peak' });
    expect(toFloat(await silent.readAll(), 0)).toEqual(samples);
    const quiet = Float32Array.of(0.25, -0.5);
    const reader = await openAudio({ samples: quiet, sampleRate: RATE }, { normalize: 'peak' });
    expect(await reader.read(10)).toEqual(Float32Array.of(0.5, -1));
    expect(quiet).toEqual(Float32Array.of(0.25, -0.5));
  });

  it('refuses options that do not exist, and a level that is none', async () => {
    // @ts-expect-error what a caller without types can do
    await expect(openAudio(at('a.flac'), { normalise: 'peak' })).rejects.toMatchObject({ code: 'ERR_UNKNOWN_OPTION' });
    // @ts-expect-error what a caller without types can do
    await expect(openAudio(at('a.flac'), { normalize: 'rms' })).rejects.toMatchObject({ code: 'ERR_OPTION' });
    // @ts-expect-error readAudio gives samples as they are
    await expect(readAudio(at('a.flac'), { normalize: 'peak' })).rejects.toMatchObject({ code: 'ERR_UNKNOWN_OPTION' });
  });
});

describe('a long recording', () => {
  const SEC = 120;
  beforeAll(async () => {
    await writeAudio(at('long.flac'), { samples: tone(SEC * RATE, 440, RATE), sampleRate: RATE });
    await writeAudio(at('long.wav'), { samples: tone(SEC * RATE, 440, RATE), sampleRate: RATE });
  });

  it.each(['long.flac', 'long.wav'])('%s leaves the loop free', async (name) => {
    const { turns, totalMs, busiestMs } = await watchLoop(() => readAudio(at(name), { sampleRate: 16_000 }));
    expect(turns).toBeGreaterThan(20);
    // Blocks of 3 s, so 40 of them; a turn may see a few where other work delays the loop.
    expect(busiestMs).toBeLessThan(totalMs / 3);
  });

  it.each(['long.flac', 'long.wav'])('%s can be given up half-way', async (name) => {
    const abort = new AbortController();
    const reading = readAudio(at(name), { sampleRate: 16_000, signal: abort.signal });
    setTimeout(() => abort.abort('enough'), 20);
    await expect(reading).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED', details: { reason: 'enough' } });
    await expect(readAudio(at(name), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_TASK_ABORTED',
    });
  });
});
