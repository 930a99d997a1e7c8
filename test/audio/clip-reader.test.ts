/** Short recordings as threads of an extraction read them: what `readAudio` gives, or nothing. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { ClipReader, readAudio, toInterleavedFloat, writeAudio } from '../../src/audio/index.js';
import { sameBits, temporaryFolder, tone } from './signals.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const written = ['a.wav', 'a.flac', 'a.ogg'];
const fixtures = ['tone.mp3', 'loud-quiet.mp3', 'tone.opus', 'tone.caf', 'tone.w64', 'tone-big-endian.wav'];
const pathOf = (name: string): string => (written.includes(name) ? at(name) : fixture(name));

beforeAll(async () => {
  const stereo = { samples: tone(100_000, 440, 16_000), sampleRate: 16_000, channels: 2 };
  for (const name of written) await writeAudio(at(name), stereo);
});

it.each([...written, ...fixtures])('%s is what readAudio gives, as a file and inside another', async (name) => {
  const path = pathOf(name);
  const bytes = readFileSync(path);
  writeFileSync(at('archive'), Buffer.concat([Buffer.alloc(701, 0xff), bytes, Buffer.alloc(9)]));
  const whole = await readAudio(path, { channel: 'all' });
  const reader = new ClipReader(whole.sampleRate);
  writeFileSync(at('alone'), bytes);
  for (const input of [at('alone'), { path: at('archive'), byteOffset: 701, byteLength: bytes.length }]) {
    const pcm = reader.read(input)!;
    const { sampleRate, channels, nSamples } = whole;
    expect(pcm).toMatchObject({ sampleRate, channels, nSamples });
    expect(sameBits(toInterleavedFloat(pcm), toInterleavedFloat(whole))).toBe(true);
    // Asked for once more, as its second channel is, it is not read again.
    const file = typeof input === 'string' ? input : input.path;
    renameSync(file, `${file}.away`);
    expect(sameBits(toInterleavedFloat(reader.read(input)!), toInterleavedFloat(whole))).toBe(true);
    renameSync(`${file}.away`, file);
  }
});

it('each recording stays until the next one is read', async () => {
  const reader = new ClipReader(16_000);
  const first = toInterleavedFloat(reader.read(at('a.flac'))!).slice();
  expect(reader.read(at('a.ogg'))).not.toBeNull();
  expect(sameBits(toInterleavedFloat(reader.read(at('a.flac'))!), first)).toBe(true);
});

it('what others read, or refuse, is left to them', async () => {
  const second = { samples: tone(8000, 440, 16_000), sampleRate: 16_000 };
  const minutes = { samples: new Float32Array(70 * 16_000), sampleRate: 16_000 };
  await writeAudio(at('minutes.flac'), minutes);
  await writeAudio(at('minutes.ogg'), minutes);
  await writeAudio(at('second.flac'), second);
  const flac = readFileSync(at('second.flac'));
  writeFileSync(at('cut.flac'), flac.subarray(0, flac.length - 50));
  writeFileSync(at('text.flac'), 'no recording');
  writeFileSync(at('empty.flac'), '');
  const left = ['minutes.flac', 'minutes.ogg', 'cut.flac', 'text.flac', 'empty.flac', 'none.flac', '.'];
  for (const name of left) expect(new ClipReader(16_000).read(at(name)), name).toBeNull();
  expect(new ClipReader(44_100).read(at('second.flac'))).toBeNull();
  expect(new ClipReader(44_100).read(at('a.wav'))).toBeNull();
  const behind = { path: at('second.flac'), byteOffset: 0, byteLength: flac.length + 1 };
  expect(new ClipReader(16_000).read(behind)).toBeNull();
});
