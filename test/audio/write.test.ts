import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAudioPath, readAudio, toInterleavedFloat, writeAudio } from '../../src/audio/index.js';
import { maxDifference, temporaryFolder, toInt16, tone } from './signals.js';

const folder = temporaryFolder();
const stereo = tone(8000, 440, 16_000);

describe('writeAudio', () => {
  it.each(['.wav', '.flac'])(
    '%s gives 16-bit samples back as they were, and the same bytes twice',
    async (extension) => {
      const samples = toInt16(stereo);
      samples.set([-32768, 32767, -1, 0, 1]);
      const [first, second] = [join(folder, `one${extension}`), join(folder, `two${extension}`)];
      await writeAudio(first, { samples, sampleRate: 22_050, channels: 2 });
      const pcm = await readAudio(first);
      expect(pcm).toMatchObject({ channels: 2, sampleRate: 22_050, nSamples: 4000 });
      expect(toInterleavedFloat(pcm)).toEqual(Float32Array.from(samples, (value) => value / 32768));
      await writeAudio(second, pcm);
      expect(readFileSync(second).equals(readFileSync(first))).toBe(true);
    },
  );

  it('.ogg comes back within the codec’s error, also where it is longer than one block', async () => {
    const path = join(folder, 'tone.OGG');
    const samples = tone(160_000, 440, 16_000);
    await writeAudio(path, { samples, sampleRate: 16_000 });
    const pcm = await readAudio(path);
    expect(pcm.nSamples).toBe(160_000);
    expect(maxDifference(toInterleavedFloat(pcm), samples)).toBeLessThan(0.05);
  });

  it('limits samples outside the range', async () => {
    const path = join(folder, 'loud.wav');
    await writeAudio(path, { samples: Float32Array.of(-7, 7, 1, -1), sampleRate: 8000 });
    expect([...toInterleavedFloat(await readAudio(path))]).toEqual([-1, 32767 / 32768, 32767 / 32768, -1]);
  });

  it('leaves an existing file alone and nothing beside it when it fails', async () => {
    const path = join(folder, 'kept.wav');
    writeFileSync(path, 'before');
    const samples = Float32Array.of(0, Number.NaN);
    await expect(writeAudio(path, { samples, sampleRate: 8000 })).rejects.toMatchObject({
      code: 'ERR_AUDIO_NOT_FINITE',
      message: expect.stringContaining(path),
    });
    expect(readFileSync(path, 'utf8')).toBe('before');
    const nowhere = join(folder, 'no-such-folder', 'a.wav');
    await expect(writeAudio(nowhere, { samples: stereo, sampleRate: 8000 })).rejects.toMatchObject({
      code: 'ERR_WRITE',
      message: expect.stringContaining(nowhere),
    });
    expect(existsSync(nowhere)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it.each([
    ['a.mp3', stereo, 8000, 1, 'ERR_OPTION', 'path must be a name ending in .wav, .flac, .ogg or .oga'],
    ['a.flac', stereo, 8000, 20, 'ERR_OPTION', 'does not write 20 channels'],
    ['a.wav', new Float32Array(0), 8000, 1, 'ERR_AUDIO_EMPTY', 'has no samples to write'],
    ['a.wav', stereo, -1, 1, 'ERR_SAMPLE_RATE', 'sampleRate must be'],
  ])('%s is refused with its reason', async (name, samples, sampleRate, channels, code, message) => {
    await expect(writeAudio(join(folder, name), { samples, sampleRate, channels })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

describe('isAudioPath', () => {
  it('goes by the extension, upper and lower case alike', () => {
    const names = ['a.wav', 'B.FLAC', '/c/d.e.mp3', 'x.aiff', 'x.opus', 'TIMIT/SA1.WAV'];
    expect(names.filter(isAudioPath)).toEqual(names);
    const others = ['a.txt', 'wav', 'a.wav.tmp', '', 'a.json', '.wav'];
    expect(others.filter(isAudioPath)).toEqual([]);
  });
});
