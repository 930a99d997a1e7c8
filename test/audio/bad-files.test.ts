import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkFinite, readAudio, writeAudio } from '../../src/audio/index.js';
import { CochleaError } from '../../src/errors.js';
import { loadAddon } from '../../src/native/index.js';
import { flacWith, oggWithoutRate } from './damage.js';
import { aiffFile, aiffFloatFile, bytesOf, sphereFile, temporaryFolder, toInt16, tone, wavFile } from './signals.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const samples = tone(16_000, 440, 16_000);
const integers = toInt16(samples);
const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)));
const cut = (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.byteLength * 0.6));

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.fill(0x5a, copy.byteLength >> 1, (copy.byteLength >> 1) + 300);
  return copy;
}

beforeAll(async () => {
  await writeAudio(at('whole.flac'), { samples, sampleRate: 16_000 });
  // Long enough for several pages.
  await writeAudio(at('whole.ogg'), { samples: tone(160_000, 440, 16_000), sampleRate: 16_000 });
  const flac = new Uint8Array(readFileSync(at('whole.flac')));
  const ogg = new Uint8Array(readFileSync(at('whole.ogg')));
  const pcm = bytesOf(integers);
  const notFinite = samples.slice();
  notFinite[1234] = Number.NaN;
  const files: Record<string, Uint8Array | string> = {
    'empty.wav': '',
    'empty.flac': '',
    'empty.ogg': '',
    'empty.aiff': '',
    'no-samples.wav': wavFile(new Uint8Array(0)),
    'no-samples.aiff': aiffFile(new Int16Array(0), 16_000),
    'no-samples.flac': flacWith(flac, { nSamples: 0, audio: false }),
    'no-samples.ogg': loadAddon().codecEncode(new Float32Array(0), 1, 16_000, 'ogg'),
    'no-hz.wav': wavFile(pcm, { sampleRate: 0 }),
    'no-hz.aiff': aiffFile(integers, 0),
    'no-hz.sph': sphereFile(integers, 0),
    'no-hz.flac': flacWith(flac, { sampleRate: 0 }),
    'no-hz.ogg': oggWithoutRate(ogg),
    'cut.wav': cut(wavFile(pcm)),
    'cut.flac': cut(flac),
    'head-only.flac': flac.subarray(0, 20),
    'no-frames.flac': flacWith(flac, { audio: false }),
    'cut.ogg': cut(ogg),
    'head-only.ogg': ogg.subarray(0, 200),
    'head-only.aiff': aiffFile(integers, 16_000).subarray(0, 30),
    'cut.aiff': cut(aiffFile(integers, 16_000)),
    'cut.sph': cut(sphereFile(integers, 16_000)),
    'cut.w64': cut(fixture('tone.w64')),
    'cut.caf': cut(fixture('tone.caf')),
    'cut.opus': cut(fixture('tone.opus')),
    'cut-adpcm.wav': cut(fixture('tone-adpcm.wav')),
    'head-only.wav': wavFile(pcm).subarray(0, 20),
    'damaged.flac': damaged(flac),
    'text.wav': 'this is not a recording, whatever its name says\n'.repeat(40),
    'text.flac': 'this is not a recording, whatever its name says\n'.repeat(40),
    'text.ogg': 'this is not a recording, whatever its name says\n'.repeat(40),
    'text.aiff': 'this is not a recording, whatever its name says\n'.repeat(40),
    'text.mp3': 'this is not a recording, whatever its name says\n'.repeat(40),
    'headerless.raw': pcm,
    'headerless.vox': pcm, // a name from which libsndfile would guess 8 kHz ADPCM
    'nan.wav': wavFile(bytesOf(notFinite), { tag: 3, bits: 32 }),
    'nan64.wav': wavFile(bytesOf(Float64Array.of(0, Number.POSITIVE_INFINITY)), { tag: 3, bits: 64 }),
    'nan.aiff': aiffFloatFile(notFinite, 16_000),
    'codec.wav': wavFile(pcm, { tag: 0x1234 }),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(at(name), content);
  mkdirSync(at('folder.wav'));
});

describe('a recording that cannot be read is named with its reason', () => {
  it.each([
    ['missing.wav', 'ERR_AUDIO_READ', 'no such file'],
    ['folder.wav', 'ERR_AUDIO_READ', 'is a folder'],
    ['text.wav/a.wav', 'ERR_AUDIO_READ', 'not a folder'],
    ['empty.wav', 'ERR_AUDIO_EMPTY', 'has no bytes'],
    ['empty.flac', 'ERR_AUDIO_EMPTY', 'has no bytes'],
    ['empty.ogg', 'ERR_AUDIO_EMPTY', 'has no bytes'],
    ['empty.aiff', 'ERR_AUDIO_EMPTY', 'has no bytes'],
    ['no-samples.wav', 'ERR_AUDIO_EMPTY', 'has no samples'],
    ['no-samples.aiff', 'ERR_AUDIO_EMPTY', 'has no samples'],
    ['no-samples.flac', 'ERR_AUDIO_EMPTY', 'has no samples'],
    ['no-samples.ogg', 'ERR_AUDIO_EMPTY', 'has no samples'],
    ['no-hz.wav', 'ERR_WAV_HEADER', 'sampleRate must be positive, got 0'],
    ['no-hz.aiff', 'ERR_AUDIO_READ', 'the header says 0 Hz'],
    ['no-hz.sph', 'ERR_AUDIO_READ', 'the header says 0 Hz'],
    ['no-hz.flac', 'ERR_AUDIO_READ', 'the header says 0 Hz'],
    ['no-hz.ogg', 'ERR_AUDIO_READ', 'the header says 0 Hz'],
    ['cut.wav', 'ERR_WAV_TRUNCATED', 'byte'],
    ['head-only.wav', 'ERR_WAV_TRUNCATED', 'byte'],
    ['cut.flac', 'ERR_AUDIO_READ', 'of the 16000 samples its header promises can be decoded'],
    ['head-only.flac', 'ERR_AUDIO_READ', 'truncated: the header promises 42 bytes of header'],
    ['no-frames.flac', 'ERR_AUDIO_READ', 'truncated: 0 of the 16000 samples'],
    ['cut.ogg', 'ERR_AUDIO_READ', 'bytes of the last Ogg page'],
    ['head-only.ogg', 'ERR_AUDIO_READ', 'truncated: the header promises'],
    ['cut.opus', 'ERR_AUDIO_READ', 'truncated: the header promises'],
    ['head-only.aiff', 'ERR_AUDIO_READ', ''],
    ['cut.aiff', 'ERR_AUDIO_READ', 'truncated: the header promises 32008 bytes'],
    ['cut.sph', 'ERR_AUDIO_READ', 'truncated: the header promises 16000 samples'],
    ['cut.w64', 'ERR_AUDIO_READ', 'truncated: the header promises'],
    ['cut.caf', 'ERR_AUDIO_READ', 'malformed'],
    ['cut-adpcm.wav', 'ERR_AUDIO_READ', 'truncated: the header promises'],
    ['damaged.flac', 'ERR_AUDIO_READ', 'damaged near sample'],
    ['text.wav', 'ERR_AUDIO_FORMAT', 'not recognised'],
    ['text.flac', 'ERR_AUDIO_FORMAT', 'not recognised'],
    ['text.ogg', 'ERR_AUDIO_FORMAT', 'not recognised'],
    ['text.aiff', 'ERR_AUDIO_FORMAT', 'not recognised'],
    ['text.mp3', 'ERR_AUDIO_FORMAT', 'no MPEG audio frame'],
    ['headerless.raw', 'ERR_AUDIO_FORMAT', 'not recognised'],
    ['headerless.vox', 'ERR_AUDIO_FORMAT', 'raw samples do not say'],
    ['nan.wav', 'ERR_AUDIO_NOT_FINITE', 'at sample 1234'],
    ['nan64.wav', 'ERR_AUDIO_NOT_FINITE', 'at sample 1'],
    ['nan.aiff', 'ERR_AUDIO_NOT_FINITE', 'at sample 1234'],
    ['codec.wav', 'ERR_WAV_CODEC', ''],
  ])('%s: %s', async (name, code, reason) => {
    const error = await readAudio(at(name)).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(CochleaError);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(at(name));
    expect(String(error)).toContain(reason);
  });

  it('as bytes too, where there is no path to name', async () => {
    await expect(readAudio(new Uint8Array(0))).rejects.toMatchObject({ code: 'ERR_AUDIO_EMPTY' });
    await expect(readAudio(readFileSync(at('text.wav')))).rejects.toMatchObject({
      code: 'ERR_AUDIO_FORMAT',
      message: expect.stringContaining('recording of 1920 bytes'),
    });
  });

  it('also where it is no recording at all', async () => {
    await expect(readAudio(new URL('https://example.org/a.wav'))).rejects.toMatchObject({ code: 'ERR_OPTION' });
    // @ts-expect-error what a caller without types can do
    await expect(readAudio(17)).rejects.toMatchObject({ code: 'ERR_OPTION' });
  });

  it('checkFinite passes integers and names the first bad sample of floats', async () => {
    const pcm = await readAudio({ samples: integers, sampleRate: 16_000 });
    expect(() => checkFinite(pcm, 'clip')).not.toThrow();
    const bytes = bytesOf(Float32Array.of(0, 0, 0, Number.NEGATIVE_INFINITY));
    const bad = { bytes, format: 'f32', channels: 2, sampleRate: 10, nSamples: 2 } as const;
    expect(() => checkFinite(bad, 'clip')).toThrow('clip: samples must be finite, got NaN or infinity at sample 1');
  });
});

describe('damage', () => {
  it.each(['whole.flac', 'whole.ogg', 'cut.aiff', 'cut.sph', 'fixture'])(
    'anywhere in %s ends in samples or in an error of ours',
    async (name) => {
      const original = name === 'fixture' ? fixture('tone.caf') : readFileSync(at(name));
      const position = fc.integer({ min: 0, max: original.byteLength - 1 });
      const changes = fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(changes, async (edits) => {
          const bytes = new Uint8Array(original);
          for (const [index, value] of edits) bytes[index] = value;
          try {
            expect((await readAudio(bytes)).nSamples).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toBeInstanceOf(CochleaError);
          }
        }),
        { numRuns: 60 },
      );
    },
  );
});
