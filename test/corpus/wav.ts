/** Small WAV files for tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { defineSpec, type SpecInput } from '../../src/spec/index.js';

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cochlea-dataset-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function put(path: string, content: Uint8Array | string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** 16-bit mono WAV of a tone; `seed` sets its pitch and level. */
export function toneWav(nSamples: number, { sampleRate = 8000, seed = 1 } = {}): Uint8Array {
  const samples = Int16Array.from({ length: nSamples }, (_, i) =>
    Math.round(20_000 * Math.sin((2 * Math.PI * (200 + 37 * seed) * i) / sampleRate) * ((seed % 3) / 3 + 0.3)),
  );
  return wav(new Uint8Array(samples.buffer), { sampleRate });
}

export interface WavHeader {
  readonly sampleRate?: number;
  /** 1 PCM, 3 float. */
  readonly format?: number;
  readonly bits?: number;
  /** What the header says, where it is not the truth. */
  readonly dataBytes?: number;
}

export function wav(data: Uint8Array, o: WavHeader = {}): Uint8Array {
  const { sampleRate = 8000, format = 1, bits = 16, dataBytes = data.byteLength } = o;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + dataBytes, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE((sampleRate * bits) / 8, 28);
  head.writeUInt16LE(bits / 8, 32);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(dataBytes, 40);
  return Buffer.concat([head, data]);
}

/** A small front-end: 8 kHz, 16 mel bands, one frame every 10 ms. */
export function smallSpec(o: Partial<SpecInput> = {}) {
  return defineSpec({
    task: 'classify',
    audio: { sampleRate: 8000 },
    features: { kind: 'logMel', nFft: 256, hopLength: 80, nMels: 16, topDb: null, center: false },
    stages: [{ windowing: { size: 5, stride: 1 } }],
    labels: ['quiet', 'loud'],
    positive: 'loud',
    ...o,
  });
}

/** `n` recordings `clip-00.wav …` of 0.2 s and more, two folders. */
export async function smallCorpus(folder: string, n = 8): Promise<string> {
  for (let i = 0; i < n; i++) {
    const name = `${i % 2 === 0 ? 'quiet' : 'loud'}/clip-${String(i).padStart(2, '0')}.wav`;
    await put(join(folder, name), toneWav(1600 + 160 * i, { seed: i + 1 }));
  }
  return folder;
}
