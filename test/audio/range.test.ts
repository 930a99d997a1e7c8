import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type OpenOptions, openAudio, readAudio, toInterleavedFloat, writeAudio } from '../../src/audio/index.js';
import type { FileRange } from '../../src/types.js';
import { sameBits, temporaryFolder, tone } from './signals.js';

const folder = temporaryFolder();
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const at = (name: string) => join(folder, name);
const NAMES = ['a.wav', 'a.flac', 'a.ogg', 'tone.mp3', 'tone.opus', 'tone.caf', 'tone-adpcm.wav', 'quiet-loud.mp3'];
const pathOf = (name: string) => (name.startsWith('a.') ? at(name) : fixture(name));

/** All recordings one behind the other, with other bytes before, between and after. */
const archive = at('archive.bin');
const ranges = new Map<string, FileRange>();

beforeAll(async () => {
  const stereo = { samples: tone(100_000, 440, 16_000), sampleRate: 16_000, channels: 2 };
  for (const name of ['a.wav', 'a.flac', 'a.ogg']) await writeAudio(at(name), stereo);
  const parts: Buffer[] = [Buffer.from('RIFF nothing of ours OggS fLaC')];
  for (const name of NAMES) {
    const bytes = readFileSync(pathOf(name));
    ranges.set(name, { path: archive, byteOffset: Buffer.concat(parts).length, byteLength: bytes.length });
    parts.push(bytes, Buffer.alloc(1 + (bytes.length % 5), 0xff));
  }
  writeFileSync(archive, Buffer.concat(parts));
});

const rangeOf = (name: string): FileRange => ranges.get(name)!;

describe('a recording inside another file', () => {
  const choices: OpenOptions[] = [
    {},
    { channel: 0, startSec: 0.1, durationSec: 0.1 },
    { channel: 'mean', sampleRate: 11_025 },
    { startSec: 0.15, normalize: 'peak' },
  ];

  it.each(NAMES.flatMap((name) => choices.map((o) => [name, o] as const)))(
    '%s has the same bits with %o',
    async (name, o) => {
      const samples = async (input: string | FileRange): Promise<Float32Array> => {
        const reader = await openAudio(input, o);
        try {
          return toInterleavedFloat(await reader.readAll());
        } finally {
          await reader.close();
        }
      };
      const expected = await samples(pathOf(name));
      expect(expected.length).toBeGreaterThan(500);
      sameBits(await samples(rangeOf(name)), expected);
    },
  );

  it('reads a WAV file stretch by stretch, wherever the cuts are', async () => {
    const whole = toInterleavedFloat(await readAudio(at('a.wav')));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        const reader = await openAudio(rangeOf('a.wav'));
        let done = 0;
        for (const n of sizes) {
          const block = await reader.read(n);
          if (block === null) break;
          sameBits(block, whole.subarray(done, done + block.length));
          done += block.length;
        }
        await reader.close();
        expect(done).toBe(Math.min(whole.length, 2 * sizes.reduce((a, b) => a + b)));
      }),
      { numRuns: 20 },
    );
  });

  it.each(['a.wav', 'a.flac', 'a.ogg', 'tone.mp3'])(
    '%s that ends early is told as a file that ends early is',
    async (name) => {
      const { path, byteOffset, byteLength } = rangeOf(name);
      const part = Math.floor(byteLength * 0.6);
      const cut = readFileSync(pathOf(name)).subarray(0, part);
      const alone = await readAudio(cut).catch((error: unknown) => error);
      const inside = await readAudio({ path, byteOffset, byteLength: part }).catch((error: unknown) => error);
      expect(alone).toBeInstanceOf(Error);
      const { code, message } = inside as { code: string; message: string };
      expect(code).toBe((alone as { code: string }).code);
      expect(message.replace(`${path} at byte ${byteOffset}`, '')).toBe(
        (alone as Error).message.replace(`recording of ${part} bytes`, ''),
      );
    },
  );

  it('is named as the caller says', async () => {
    const { byteLength, ...rest } = rangeOf('a.wav');
    const named = { ...rest, byteLength: byteLength - 1000, name: 'archive.bin/a.wav' };
    await expect(readAudio(named)).rejects.toThrow(/^archive\.bin\/a\.wav: the WAV file must be at least/);
    await expect(readAudio({ ...named, byteLength }, { channel: 2 })).rejects.toMatchObject({
      code: 'ERR_AUDIO_CHANNEL',
      message: expect.stringMatching(/^archive\.bin\/a\.wav: channel must be/),
      details: { path: archive },
    });
    await expect(readAudio({ ...named, byteLength }, { startSec: 99 })).rejects.toThrow(
      /^archive\.bin\/a\.wav: startSec must be before/,
    );
  });

  it('lies inside its file', async () => {
    const size = readFileSync(archive).length;
    const told = (byteOffset: number, byteLength: number) => readAudio({ path: archive, byteOffset, byteLength });
    await expect(told(size - 10, 11)).rejects.toMatchObject({
      code: 'ERR_AUDIO_READ',
      message: `${archive} at byte ${size - 10}: the recording must be inside its file of ${size} bytes, got "11 bytes from byte ${size - 10}"`,
    });
    await expect(told(Number.MAX_SAFE_INTEGER, 1)).rejects.toMatchObject({ code: 'ERR_AUDIO_READ' });
    await expect(told(0, 0)).rejects.toMatchObject({ code: 'ERR_AUDIO_EMPTY' });
    await expect(told(0, 5)).rejects.toMatchObject({ code: 'ERR_AUDIO_FORMAT' });
    for (const [from, length] of [
      [-1, 5],
      [0.5, 5],
      [0, -1],
      [0, Number.NaN],
    ] as const) {
      await expect(told(from, length)).rejects.toMatchObject({ code: 'ERR_OPTION' });
    }
    await expect(readAudio({ path: at('gone.bin'), byteOffset: 0, byteLength: 5 })).rejects.toThrow(/no such file/);
    await expect(readAudio({ path: folder, byteOffset: 0, byteLength: 5 })).rejects.toThrow(/is a folder/);
  });
});
