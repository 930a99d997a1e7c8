import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAudio, toFloat } from '../../src/audio/index.js';
import { loadAddon } from '../../src/native/index.js';
import { maxDifference, sameBits, temporaryFolder } from './signals.js';

const folder = temporaryFolder();
const fixture = (name: string) =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))));

/** Where the frames of an MPEG-2 layer III file of 16 kHz begin, and where the last one ends. */
function frameStarts(bytes: Uint8Array): number[] {
  const kilobits = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
  const starts = [0];
  for (let at = 0; at + 4 <= bytes.length; starts.push(at)) {
    at += Math.floor((72 * kilobits[bytes[at + 2]! >> 4]! * 1000) / 16_000) + ((bytes[at + 2]! >> 1) & 1);
  }
  return starts;
}

/** Without the first frame, which holds no sound but the count of the others. */
const uncounted = (bytes: Uint8Array) => bytes.subarray(frameStarts(bytes)[1]!);

/** Samples of one frame; decoders give each frame whole where no header says how much of the ends is padding. */
const FRAME = 576;
const FILES = ['quiet-loud.mp3', 'loud-quiet.mp3'];

describe('MP3', () => {
  it.each(FILES)('%s is as long as its header counts', async (name) => {
    const pcm = await readAudio(fixture(name));
    expect(pcm).toMatchObject({ nSamples: 32_000, sampleRate: 16_000 });
    expect(loadAddon().codecInfo(fixture(name))).toMatchObject({ nSamples: null, expectedSamples: 32_000 });
  });

  it.each(FILES)('%s without a count is decoded to its end, whatever its first frame makes one guess', async (name) => {
    const whole = fixture(name);
    const bytes = uncounted(whole);
    const nFrames = frameStarts(bytes).length - 1;
    const { nSamples, expectedSamples } = loadAddon().codecInfo(bytes);
    expect(nSamples).toBeNull();
    expect(Math.abs(expectedSamples - nFrames * FRAME)).toBeGreaterThan(10_000);
    const pcm = await readAudio(bytes);
    expect(pcm.nSamples).toBe(nFrames * FRAME);
    // The header's other gift is the delay of encoder and decoder (1105 samples of this one), which decoders drop.
    const counted = toFloat(await readAudio(whole), 0);
    expect(maxDifference(toFloat(pcm, 0).subarray(1105, 1105 + 32_000), counted)).toBeLessThan(1e-6);
    const path = join(folder, name);
    writeFileSync(path, bytes);
    expect(sameBits((await readAudio(path)).bytes, pcm.bytes)).toBe(true);
    // An end that is a guess is none that a slice could be outside of.
    expect((await readAudio(bytes, { startSec: 2, durationSec: 60 })).nSamples).toBe(nFrames * FRAME - 32_000);
    await expect(readAudio(bytes, { startSec: 3 })).rejects.toMatchObject({
      code: 'ERR_OPTION',
      message: expect.stringContaining(`before the recording's end at ${(nFrames * FRAME) / 16_000} s, got 3`),
    });
  });

  it.each(FILES)('%s between tags is still whole', async (name) => {
    const id3v2 = new Uint8Array(10 + 300);
    id3v2.set([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 2, 0x2c]);
    const id3v1 = new Uint8Array(128);
    id3v1.set([0x54, 0x41, 0x47]);
    for (const bytes of [fixture(name), uncounted(fixture(name))]) {
      const tagged = new Uint8Array([...id3v2, ...bytes, ...id3v1]);
      expect(sameBits((await readAudio(tagged)).bytes, (await readAudio(bytes)).bytes)).toBe(true);
    }
  });

  it.each(FILES)('%s cut inside a frame is refused, counted or not', async (name) => {
    for (const bytes of [fixture(name), uncounted(fixture(name))]) {
      const starts = frameStarts(bytes);
      for (const at of [starts[30]! + 4, starts[30]! + 20, starts[31]! - 1]) {
        await expect(readAudio(bytes.subarray(0, at))).rejects.toMatchObject({
          code: 'ERR_AUDIO_READ',
          message: expect.stringMatching(/truncated: the header promises \d+ bytes of the last MPEG frame/),
        });
      }
    }
  });

  it.each(FILES)('%s cut between frames is refused where it is counted, and else what it is', async (name) => {
    const counted = fixture(name);
    const cut = counted.subarray(0, frameStarts(counted)[31]!);
    await expect(readAudio(cut)).rejects.toMatchObject({
      code: 'ERR_AUDIO_READ',
      message: expect.stringMatching(/truncated: \d+ of the 32000 samples its header promises/),
    });
    const bytes = uncounted(counted);
    expect((await readAudio(bytes.subarray(0, frameStarts(bytes)[30]!))).nSamples).toBe(30 * FRAME);
  });

  it('may count its own header frame, as some encoders do', async () => {
    const bytes = fixture('quiet-loud.mp3');
    const at = Buffer.from(bytes).indexOf('Xing') + 8;
    const view = new DataView(bytes.buffer);
    view.setUint32(at, view.getUint32(at) + 1);
    expect((await readAudio(bytes)).nSamples).toBeGreaterThanOrEqual(32_000);
  });
});
