/** `detect`, `evaluate`, `inspect` and `export` on a tiny bundle: a tone is where the band's level is high. */
import type { ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAudio } from '../../src/audio/index.js';
import { writeBundle } from '../../src/bundle/index.js';
import type { Detection } from '../../src/inference/index.js';
import { defineSpec } from '../../src/spec/index.js';
import { beeps, modelsFor, SAMPLE_RATE, spec, specInput } from '../inference/beeps.js';
import { meanModel } from '../inference/models.js';
import { cochlea, cochleaJson } from './cli.js';

const DURATION_SEC = 10;
const TRUTH_SEC = [2, 5, 8.3];

/** Beeps as raw 16-bit PCM. */
function pcmOf(at: readonly number[]): Uint8Array {
  return new Uint8Array(Int16Array.from(beeps(DURATION_SEC, at), (x) => Math.round(x * 32767)).buffer);
}

const labelsOf = (at: readonly number[]) => at.map((sec) => `${sec}\t${sec + 0.5}\tbeep\n`).join('');

let cwd = '';

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'cochlea-cli-'));
  await writeBundle(join(cwd, 'bundle'), { spec, models: modelsFor(spec), card: { licences: ['CC0-1.0'] } });
  await mkdir(join(cwd, 'events'));
  for (const folder of ['beep', 'none']) await mkdir(join(cwd, 'classes', folder), { recursive: true });
  const sound = { sampleRate: SAMPLE_RATE, samples: beeps(DURATION_SEC, TRUTH_SEC) };
  const silence = { sampleRate: SAMPLE_RATE, samples: beeps(DURATION_SEC, []) };
  await writeAudio(join(cwd, 'events/a.wav'), sound);
  await writeFile(join(cwd, 'events/a.txt'), labelsOf(TRUTH_SEC));
  await writeAudio(join(cwd, 'events/b.flac'), sound);
  // One true beep is not labelled, so it is a false alarm; one label is nobody's business.
  await writeFile(join(cwd, 'events/b.txt'), `${labelsOf(TRUTH_SEC.slice(1))}1\t2\tother\n`);
  await writeAudio(join(cwd, 'classes/beep/a.wav'), sound);
  await writeAudio(join(cwd, 'classes/none/b.wav'), silence);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

describe('detect', () => {
  it('prints one event per line in each format', async () => {
    const detect = (...args: string[]) =>
      cochlea(['detect', 'events/a.wav', '-m', 'bundle', '--quiet', ...args], { cwd });
    const [jsonl, audacity, csv, json] = await Promise.all([
      detect(),
      detect('--format', 'audacity'),
      detect('--format', 'csv'),
      detect('--json'),
    ]);
    for (const outcome of [jsonl, audacity, csv, json]) expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const events: { startSec: number; label: string }[] = jsonl.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ label }) => label)).toEqual(['beep', 'beep', 'beep']);
    events.forEach(({ startSec }, i) => {
      expect(Math.abs(startSec - TRUTH_SEC[i]!)).toBeLessThan(0.1);
    });
    const both = await detect('--json', '--format', 'csv');
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--format must be left out with --json') });
    expect(audacity.stdout).toMatch(/^(\d+\.\d+\t\d+\.\d+\tbeep\n){3}$/);
    expect(csv.stdout).toMatch(/^start_sec,end_sec,label,score\n(\d+\.?\d*,\d+\.?\d*,beep,[\d.]+\n){3}$/);
    const detection: Detection = JSON.parse(json.stdout);
    expect(detection).toMatchObject({ events, durationSec: 10, spec: spec.hash });
  });

  it('hears the same in live PCM on stdin', async () => {
    const input = pcmOf(TRUTH_SEC);
    const [live, file] = await Promise.all([
      cochlea(['detect', '-', '-m', 'bundle'], { cwd, input }),
      cochlea(['detect', 'events/a.wav', '-m', 'bundle'], { cwd }),
    ]);
    expect(live.code).toBe(0);
    const times = ({ stdout }: { stdout: string }) =>
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).startSec);
    expect(times(live)).toEqual(times(file));
    expect(times(live)).toHaveLength(3);
  });

  it('prints live events while sound goes on, and ends with 130 at an interrupt', async () => {
    const onFirstWord = (child: ChildProcess) => child.kill('SIGINT');
    const args = ['detect', '-', '-m', 'bundle'];
    const { code, stdout, stderr } = await cochlea(args, { cwd, input: pcmOf(TRUTH_SEC), keepOpen: true, onFirstWord });
    expect(code).toBe(130);
    expect(stdout).toContain('"label":"beep"');
    expect(stderr).toContain('interrupted');
  });

  it('says why a model or recording is refused', async () => {
    const foreign = meanModel({ input: [10, 1], spec: null });
    await writeFile(join(cwd, 'foreign.onnx'), foreign);
    await writeFile(join(cwd, 'text.onnx'), 'not a model');
    await writeFile(join(cwd, 'text.wav'), 'not a recording');
    const refused = (recording: string, model: string) => cochlea(['detect', recording, '-m', model], { cwd });
    const [noSpec, noModel, absent, noSound] = await Promise.all([
      refused('events/a.wav', 'foreign.onnx'),
      refused('events/a.wav', 'text.onnx'),
      refused('events/a.wav', 'absent'),
      refused('text.wav', 'bundle'),
    ]);
    for (const outcome of [noSpec, noModel, absent, noSound]) expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(noSpec.stderr).toMatch(/foreign\.onnx .* without cochlea\.spec.*\[ERR_MODEL_FILE\]\n$/);
    expect(noModel.stderr).toMatch(/text\.onnx must be an ONNX model.*\[ERR_MODEL_FILE\]\n$/);
    expect(absent.stderr).toContain('bundle must be a folder or an .onnx file, got "absent" [ERR_MODEL_FILE]');
    expect(noSound.stderr).toMatch(/^cochlea: text\.wav: .*\[ERR_AUDIO_FORMAT\]\n$/);
  });
});

describe('one file of a bundle', () => {
  /** The same chain, whose tone model may be used alone. */
  const [tone, ...others] = spec.stages;
  const bySelf = { labels: ['none', 'tone'], positive: 'tone', decision: { threshold: 0.5, chosenBy: 'by hand' } };
  const chain = defineSpec({ ...specInput, stages: [{ ...tone!, ...bySelf }, ...others] });
  const detect = (model: string) => cochlea(['detect', 'events/a.wav', '-m', model, '--quiet'], { cwd });

  beforeAll(async () => {
    await writeBundle(join(cwd, 'chain'), { spec: chain, models: modelsFor(chain) });
    await mkdir(join(cwd, 'alone'));
    for (const name of ['tone.onnx', 'sequence.onnx']) await cp(join(cwd, 'chain', name), join(cwd, 'alone', name));
  });

  it('detects by itself what its own spec is about', async () => {
    await cp(join(cwd, 'chain/tone.onnx'), join(cwd, 'only.onnx'));
    const { code, stdout, stderr } = await detect('only.onnx');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events: { startSec: number; endSec: number; label: string }[] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ label }) => label)).toEqual(['tone', 'tone', 'tone']);
    // Frames of 25 ms every 5 ms: nearer than the chain's values of 100 ms.
    events.forEach(({ startSec, endSec }, i) => {
      expect(Math.abs(startSec - TRUTH_SEC[i]!)).toBeLessThan(0.025);
      expect(Math.abs(endSec - TRUTH_SEC[i]! - 0.5)).toBeLessThan(0.025);
    });
    const { code: judged, value } = await cochleaJson<Judged>(
      ['evaluate', 'only.onnx', 'events', '--positive', 'tone'],
      { cwd },
    );
    expect({ judged, positive: value.positive }).toEqual({ judged: 0, positive: 'tone' });
  });

  it('of a later model takes the ones before it from its folder, or names what is missing', async () => {
    const [folder, file] = await Promise.all([detect('chain'), detect('alone/sequence.onnx')]);
    expect(file).toEqual(folder);
    expect(file.stdout.split('\n')).toHaveLength(4);
    await rm(join(cwd, 'alone/tone.onnx'));
    const { code, stdout, stderr } = await detect('alone/sequence.onnx');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^cochlea: sequence\.onnx must lie beside tone\.onnx, whose outputs it takes, got alone: ENOENT.*\[ERR_MODEL_FILE\]\n$/,
    );
  });

  it('says what is missing where its own spec has no decision', async () => {
    const { code, stdout, stderr } = await detect('bundle/tone.onnx');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('decision of tone.onnx must be given in its spec, or an aggregate');
    const scoring = defineSpec({ ...specInput, decision: null });
    await writeBundle(join(cwd, 'scoring'), { spec: scoring, models: modelsFor(scoring) });
    const noEvents = await detect('scoring');
    expect(noEvents).toMatchObject({ code: 0, stdout: '' });
    expect(noEvents.stderr).toBe(
      "cochlea: no events, as the bundle's spec has no decision (a threshold); the whole recording scores 0.5\n",
    );
  });

  it('is told by inspect, and exports as a bundle by itself', async () => {
    const [first, last, whole, exported] = await Promise.all([
      cochlea(['inspect', 'chain/tone.onnx'], { cwd }),
      cochlea(['inspect', 'chain/sequence.onnx'], { cwd }),
      cochlea(['inspect', 'chain'], { cwd }),
      cochleaJson<{ spec: string }>(['export', 'chain/tone.onnx', '-o', 'tone-alone.onnx'], { cwd }),
    ]);
    expect(first.stdout).toMatch(new RegExp(`bundle +the beginning of the chain with spec ${chain.hash}`));
    expect(first.stdout).toMatch(/stages +windows of 1, normalised, tone\.onnx\n/);
    expect(last.stdout).toMatch(/bundle +needs tone\.onnx beside it/);
    expect(whole.stdout).toContain('tone.onnx (by itself: tone, threshold 0.5 (by hand)) → binarize');
    const own = JSON.parse((await cochlea(['inspect', 'tone-alone.onnx', '--json'], { cwd })).stdout);
    expect(own.metadata['cochlea.spec_hash']).toBe(exported.value.spec);
  });
});

interface Judged {
  kind: string;
  positive?: string;
  threshold?: number;
  metrics: Record<string, unknown>;
  recordings: { path: string; metrics: Record<string, unknown> }[];
  errors: { path: string; code: string }[];
}

describe('evaluate', () => {
  it('matches events with the label files beside the recordings', async () => {
    const { code, value } = await cochleaJson<Judged>(['evaluate', 'bundle', 'events', '--collar-ms', '100'], { cwd });
    expect(code).toBe(0);
    expect(value).toMatchObject({ kind: 'events', positive: 'beep', threshold: 0.35 });
    expect(value.metrics).toMatchObject({ nTruth: 5, nFound: 6, nMatched: 5, recall: 1, collarMs: 100 });
    expect(value.metrics.falseAlarmsPerHour).toBeCloseTo(3600 / 20, 6);
    expect(value.recordings.map(({ metrics }) => metrics.nMatched)).toEqual([3, 2]);
  });

  it('judges each recording once, whatever links lead to it', async () => {
    await cp(join(cwd, 'events'), join(cwd, 'linked'), { recursive: true });
    await symlink('.', join(cwd, 'linked/again'));
    await symlink('a.wav', join(cwd, 'linked/0.wav'));
    const { code, value } = await cochleaJson<Judged>(['evaluate', 'bundle', 'linked'], { cwd });
    expect(code).toBe(0);
    expect(value.recordings.map(({ path }) => path)).toEqual(['linked/a.wav', 'linked/b.flac']);
    const { value: found } = await cochleaJson<object>(['inspect', 'linked'], { cwd });
    expect(found).toMatchObject({ kind: 'recordings', recordings: 2 });
  });

  it('takes another threshold, names what cannot be judged and exits with 3', async () => {
    await cp(join(cwd, 'events'), join(cwd, 'more'), { recursive: true });
    await cp(join(cwd, 'events/a.wav'), join(cwd, 'more/unlabelled.wav'));
    await writeFile(join(cwd, 'more/text.wav'), 'not a recording');
    await writeFile(join(cwd, 'more/text.txt'), '');
    const args = ['evaluate', 'bundle', 'more', '--threshold', '1.5', '--positive', 'beep', '--out', 'judged'];
    const { code, value, stderr } = await cochleaJson<Judged>(args, { cwd });
    expect(code).toBe(3);
    expect(value).toMatchObject({
      positive: 'beep',
      threshold: 1.5,
      metrics: { nTruth: 5, nFound: 0, precision: null },
    });
    expect(value.errors.map((error) => error.code).sort()).toEqual(['ERR_AUDIO_FORMAT', 'ERR_LABELS']);
    const told = stderr.trimEnd().split('\n');
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^cochlea: more\/text\.wav: .+ \[ERR_AUDIO_FORMAT\]$/);
    expect(told[1]).toMatch(/^cochlea: more\/unlabelled\.wav: .+ \[ERR_LABELS\]$/);
    expect(JSON.parse(await readFile(join(cwd, 'judged/metrics.json'), 'utf8'))).toEqual(value);
    expect((await readFile(join(cwd, 'judged/errors.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
  });

  it('names what cannot be judged without --out too, and says in its help where it goes', async () => {
    await mkdir(join(cwd, 'some'));
    await cp(join(cwd, 'events/a.wav'), join(cwd, 'some/a.wav'));
    await cp(join(cwd, 'events/a.txt'), join(cwd, 'some/a.txt'));
    await writeFile(join(cwd, 'some/b.wav'), 'not a recording');
    await writeFile(join(cwd, 'some/b.txt'), '');
    const { code, stderr } = await cochlea(['evaluate', 'bundle', 'some', '--quiet'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^cochlea: some\/b\.wav: .+ \[ERR_AUDIO_FORMAT\]\n$/);
    expect((await cochlea(['evaluate', '--help'])).stdout).toContain('named with its reason on stderr');
  });

  it('refuses a class that the scores are not of', async () => {
    await writeFile(join(cwd, 'row.csv'), `${[...Array(10).keys(), 'response'].join(',')}\n${'1,'.repeat(10)}1\n`);
    const refused = (data: string, positive: string) =>
      cochlea(['evaluate', 'bundle', data, '--positive', positive], { cwd });
    const outcomes = await Promise.all([
      refused('events', 'tone'),
      refused('events', 'none'),
      refused('classes', 'none'),
      refused('row.csv', 'tone'),
    ]);
    const told = "--positive must be beep, which the bundle's scores are of (its labels: none, beep), got";
    for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining(told) });
    const endless = await cochlea(['evaluate', 'bundle', 'events', '--threshold', 'Infinity'], { cwd });
    expect(endless.code).toBe(2);
  });

  it('judges whole recordings by the names of their folders', async () => {
    const { code, stdout } = await cochlea(['evaluate', 'bundle', 'classes', '--quiet'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^recordings, positive class "beep"\nn .*\n2 +1\.0000 +1\.0000 /);
    const collar = await cochlea(['evaluate', 'bundle', 'classes', '--collar-ms', '100'], { cwd });
    expect(collar).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--collar-ms must be left out where whole'),
    });
    const wrong = await cochlea(['evaluate', 'bundle', '.', '--quiet', '--labels', 'audacity'], {
      cwd: join(cwd, 'classes'),
    });
    expect(wrong.code).toBe(1);
  });

  it('judges the rows of a table by the last model', async () => {
    const header = [...Array(10).keys(), 'response'].join(',');
    const row = (ones: number, response: number) =>
      [...Array.from({ length: 10 }, (_, i) => Number(i < ones)), response].join(',');
    await writeFile(join(cwd, 'rows.csv'), [header, row(9, 1), row(5, 1), row(2, 0), row(4, 0), ''].join('\n'));
    const { code, value } = await cochleaJson<Judged>(['evaluate', 'bundle', 'rows.csv'], { cwd });
    expect(code).toBe(0);
    const confusionMatrix = { tp: 2, fp: 1, fn: 0, tn: 1 };
    expect(value).toMatchObject({
      kind: 'windows',
      model: 'sequence.onnx',
      metrics: { threshold: 0.35, confusionMatrix },
    });
    for (const flags of [
      ['--collar-ms', '100'],
      ['--labels', 'audacity'],
    ]) {
      const unused = await cochlea(['evaluate', 'bundle', 'rows.csv', ...flags], { cwd });
      expect(unused).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`${flags[0]} must be left out for a table`),
      });
    }
    await writeFile(join(cwd, 'narrow.csv'), '0,1,response\n1,0,1\n');
    const narrow = await cochlea(['evaluate', 'bundle', 'narrow.csv'], { cwd });
    expect(narrow.stderr).toContain('a row of narrow.csv must be 10 values, the windows of sequence.onnx, got 2');
  });

  it('says what it needs where nothing tells what is true', async () => {
    await mkdir(join(cwd, 'unknown'), { recursive: true });
    await cp(join(cwd, 'events/a.wav'), join(cwd, 'unknown/a.wav'));
    const { code, stderr } = await cochlea(['evaluate', 'bundle', 'unknown'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('label files beside them (a.wav, a.txt), or in folders named none, beep');
  });
});

it('what stands in the way of a path is told, not that it is absent', async () => {
  await mkdir(join(cwd, 'run'));
  await symlink('round', join(cwd, 'round'));
  await symlink('bundle', join(cwd, 'run/bundle'));
  const outcomes = await Promise.all([
    cochlea(['inspect', 'round'], { cwd }),
    cochlea(['evaluate', 'bundle', 'round'], { cwd }),
    cochlea(['export', 'round', '-o', 'x.onnx'], { cwd }),
    cochlea(['export', 'run', '-o', 'x.onnx'], { cwd }),
  ]);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('ELOOP') });
});

describe('export', () => {
  it('writes a bundle again, and never over other files', async () => {
    const { code, value } = await cochleaJson<{ spec: string; files: { path: string }[] }>(
      ['export', 'bundle', '-o', 'copies/beep'],
      { cwd },
    );
    expect({ code, spec: value.spec }).toEqual({ code: 0, spec: spec.hash });
    expect((await readdir(join(cwd, 'copies/beep'))).sort()).toEqual([
      'card.json',
      'sequence.onnx',
      'spec.json',
      'tone.onnx',
    ]);
    const [over, one, opset] = await Promise.all([
      cochlea(['export', 'bundle', '-o', 'events'], { cwd }),
      cochlea(['export', 'bundle', '-o', 'one.onnx'], { cwd }),
      cochlea(['export', 'bundle', '-o', 'other', '--opset', '17'], { cwd }),
    ]);
    expect(over).toMatchObject({ code: 2, stderr: expect.stringContaining('a new folder, or an old bundle') });
    expect(one).toMatchObject({ code: 2, stderr: expect.stringContaining('a folder, as the spec has 2 models') });
    expect(opset).toMatchObject({ code: 2, stderr: expect.stringContaining('--opset must be 13') });
    expect(await readdir(join(cwd, 'events'))).toHaveLength(4);
  });
});

describe('inspect', () => {
  it('knows a recording, bundle, model, spec, table and folder of recordings', async () => {
    await writeFile(join(cwd, 'spec.json'), JSON.stringify(spec));
    await writeFile(join(cwd, 'two.csv'), '0,1,response\n1,0,1\n0,1,0\n1,1,1\n');
    const found = await Promise.all(
      ['events/b.flac', 'bundle', 'bundle/tone.onnx', 'spec.json', 'two.csv', 'events'].map((path) =>
        cochleaJson<Record<string, unknown>>(['inspect', path], { cwd }),
      ),
    );
    const [recording, bundle, model, json, table, folder] = found.map(({ value }) => value);
    for (const { code } of found) expect(code).toBe(0);
    expect(recording).toMatchObject({
      kind: 'recording',
      channels: 1,
      sampleRate: 16_000,
      durationSec: 10,
      encoding: expect.any(String),
    });
    expect(recording?.peak).toBeCloseTo(0.301, 2);
    // Three beeps of half a second at 0.3 in ten seconds.
    expect(recording?.rms).toBeCloseTo(0.3 * Math.sqrt(0.15 / 2), 3);
    expect(bundle).toMatchObject({ kind: 'bundle', hash: spec.hash, card: { licences: ['CC0-1.0'] } });
    expect(model).toMatchObject({
      kind: 'model',
      opset: 13,
      inputs: [{ name: 'x', shape: ['n', 21, 1] }],
      ops: { Flatten: 1, Sigmoid: 1 },
      metadata: {
        'cochlea.spec': { task: 'detect', stages: [{ model: 'tone.onnx' }] },
        'cochlea.bundle_hash': spec.hash,
      },
    });
    expect(json).toMatchObject({ kind: 'spec', hash: spec.hash });
    expect(table).toMatchObject({ kind: 'table', rows: 3, width: 2, responses: { 0: 1, 1: 2 } });
    expect(folder).toMatchObject({ kind: 'recordings', byFormat: { wav: 1, flac: 1 } });
  });

  it('says it in a few lines for people', async () => {
    const { stdout } = await cochlea(['inspect', 'bundle'], { cwd });
    expect(stdout).toContain(spec.hash);
    expect(stdout).toMatch(
      /stages +windows of 1, normalised, tone\.onnx → binarize 0\.5 → every 20th → windows of 10, sequence\.onnx/,
    );
    expect(stdout).toContain('beep (positive)');
  });
});
