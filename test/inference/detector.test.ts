import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAudio, writeAudio } from '../../src/audio/index.js';
import { writeBundle } from '../../src/bundle/index.js';
import { matchEvents } from '../../src/evaluation/index.js';
import { Detector } from '../../src/inference/index.js';
import { defineSpec, type SpecInput } from '../../src/spec/index.js';
import type { DetectedEvent } from '../../src/types.js';
import { beeps, modelsFor, N_BINS, SAMPLE_RATE, specInput } from './beeps.js';
import { watchLoop } from './loop-watch.js';
import { columnsModel, meanModel } from './models.js';

const TRUTH = [2, 5, 11.3];
const recording = { samples: beeps(15, TRUTH), sampleRate: SAMPLE_RATE };

let folder = '';
let detector: Detector;

async function load(change: Partial<SpecInput> = {}): Promise<Detector> {
  const spec = defineSpec({ ...specInput, ...change });
  const path = join(folder, spec.hash);
  await writeBundle(path, { spec, models: modelsFor(spec), card: { licences: ['CC0-1.0'] } });
  return Detector.load(path);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-detector-'));
  detector = await load();
});
afterAll(async () => {
  await detector[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function collect(stream: AsyncIterable<DetectedEvent>): Promise<DetectedEvent[]> {
  const events: DetectedEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

const streamed = (chunks: Iterable<Float32Array | Uint8Array>, from = detector, o = {}) =>
  collect(Readable.from(chunks).pipe(from.stream(o)));

function* chunksOf<T extends Float32Array | Uint8Array>(x: T, size: number): Generator<T> {
  for (let i = 0; i < x.length; i += size) yield x.subarray(i, i + size) as T;
}

describe('Detector', () => {
  it('finds the beeps, from sound to events', async () => {
    const detection = await detector.detect(recording);
    const truth = TRUTH.map((startSec) => ({ startSec, endSec: startSec + 0.5, label: 'beep' }));
    const judged = matchEvents(detection.events, truth, { collarMs: 100, durationSec: 15 });
    expect(judged).toMatchObject({ nFound: 3, nMatched: 3, falseAlarmsPerHour: 0 });
    for (const [i, event] of detection.events.entries()) {
      expect(Math.abs(event.endSec - truth[i]!.endSec)).toBeLessThan(0.12);
    }
    expect(detection.events.every((event) => event.label === 'beep' && event.score >= 0.35)).toBe(true);
    expect(detection).toMatchObject({ durationSec: 15, nWindows: 141, spec: detector.spec.hash, score: 0.5 });
    expect(Object.keys(detection.timingsMs)).toEqual(
      expect.arrayContaining(['read', 'features', 'tone.onnx', 'sequence.onnx', 'total']),
    );
    expect(JSON.parse(JSON.stringify(detection))).toEqual(detection);
  });

  it('gives scores with their time axis and every stage’s values', async () => {
    const scored = await detector.scores(recording);
    // 1 + ⌊(240 000 − 400) / 1600⌋ values of 100 ms, each centred 12.5 ms after its start.
    expect(scored.sequences.map((sequence) => sequence.n)).toEqual([150, 150, 141]);
    expect(scored.scores).toHaveLength(141);
    expect(scored.stepSec).toBeCloseTo(0.1, 12);
    expect(scored.spanSec).toBeCloseTo(0.925, 12);
    const binary = scored.sequences[1]!;
    const active = [...binary.data].flatMap((value, i) => (value === 1 ? [i] : []));
    expect(active.slice(0, 5)).toEqual([20, 21, 22, 23, 24]);
  });

  it('decides anew from scores', async () => {
    const scored = await detector.scores(recording);
    expect(detector.decide(scored).events).toEqual((await detector.detect(recording)).events);
  });

  it('decides otherwise as a detector with the other decision', async () => {
    const scored = await detector.scores(recording);
    const decisions = [
      { threshold: 0.45, onset: 'active', mergeGapMs: 200, minDurationMs: 100 },
      { threshold: 0.1, onset: 'window', mergeGapMs: 0 },
      { threshold: 0.35, onset: 'active', minDurationMs: 10_000 },
    ] as const;
    const found = [];
    for (const given of decisions) {
      await using other = await load({ decision: given });
      const { decision } = other.spec;
      found.push(detector.decide(scored, decision).events);
      expect(found.at(-1)).toEqual((await other.detect(recording)).events);
    }
    expect(found.map((events) => events.length)).toEqual([3, 3, 0]);
    expect(found[1]![0]!.startSec).toBeLessThan(found[0]![0]!.startSec);
    expect(detector.decide(scored, null)).toMatchObject({ events: [], score: 0.5, nWindows: 141 });
  });

  it('hears the same in a file, its FLAC copy and its 44.1 kHz copy', async () => {
    const { events } = await detector.detect(recording);
    const wav = join(folder, 'beeps.wav');
    const flac = join(folder, 'beeps.flac');
    const fast = join(folder, 'fast.wav');
    await writeAudio(wav, recording);
    await writeAudio(flac, recording);
    const pcm = {
      bytes: new Uint8Array(recording.samples.buffer),
      format: 'f32',
      channels: 1,
      nSamples: 240_000,
    } as const;
    await writeAudio(fast, await readAudio({ ...pcm, sampleRate: SAMPLE_RATE }, { sampleRate: 44_100 }));
    for (const path of [wav, flac, fast]) {
      const copy = await detector.detect(path);
      expect(copy.events.map((event) => event.startSec)).toEqual(events.map((event) => event.startSec));
      expect(copy.durationSec).toBeCloseTo(15, 4);
    }
  });

  it('gives the same bits block by block from a file as from all samples in memory', async () => {
    const stereo = new Float32Array(2 * recording.samples.length);
    recording.samples.forEach((sample, i) => {
      stereo[2 * i] = sample;
      stereo[2 * i + 1] = sample / 2;
    });
    const pcm = await readAudio({ samples: stereo, sampleRate: SAMPLE_RATE, channels: 2 }, { sampleRate: 44_100 });
    const peak = await load({ audio: { sampleRate: SAMPLE_RATE, channel: 1, normalize: 'peak' } });
    const whole = await load({ features: { ...specInput.features, topDb: 80 } as SpecInput['features'] });
    for (const name of ['stereo.wav', 'stereo.flac', 'stereo.ogg']) {
      const path = join(folder, name);
      await writeAudio(path, pcm);
      for (const one of [detector, peak, whole]) {
        const expected = await one.scores(await readAudio(path, { sampleRate: SAMPLE_RATE }));
        const found = await one.scores(path);
        expect(found.scores).toEqual(expected.scores);
        expect(found.sequences).toEqual(expected.sequences);
        expect(found.durationSec).toBe(expected.durationSec);
      }
    }
    await peak[Symbol.asyncDispose]();
    await whole[Symbol.asyncDispose]();
  });

  it('takes the spec’s channel of several', async () => {
    const right = await load({ audio: { sampleRate: SAMPLE_RATE, channel: 1 } });
    const stereo = new Float32Array(2 * recording.samples.length);
    recording.samples.forEach((sample, i) => {
      stereo[2 * i + 1] = sample;
    });
    const input = { samples: stereo, sampleRate: SAMPLE_RATE, channels: 2 };
    expect((await right.detect(input)).events).toEqual((await detector.detect(recording)).events);
    expect((await detector.detect(input)).events).toEqual([]);
    await expect(right.detect(recording)).rejects.toMatchObject({ code: 'ERR_AUDIO_CHANNEL' });
    await right[Symbol.asyncDispose]();
  });

  it('says why a short recording has no score', async () => {
    for (const n of [1, 399, 400, 8000]) {
      const short = { samples: new Float32Array(n), sampleRate: SAMPLE_RATE };
      const detection = await detector.detect(short);
      expect(detection).toMatchObject({ events: [], score: null, nWindows: 0 });
      expect(detection.reason).toBe(`a recording of ${n / SAMPLE_RATE} s is shorter than the first window (0.925 s)`);
      expect(await streamed([short.samples])).toEqual([]);
    }
    expect(await detector.detect(recording)).not.toHaveProperty('reason');
  });

  it.each([
    ['NaN', { samples: Float32Array.of(0, Number.NaN), sampleRate: SAMPLE_RATE }, 'ERR_AUDIO_NOT_FINITE'],
    ['nothing', { samples: new Float32Array(0), sampleRate: SAMPLE_RATE }, 'ERR_AUDIO_EMPTY'],
    ['a missing file', '/nowhere.wav', 'ERR_AUDIO_READ'],
  ])('refuses %s', async (_, input, code) => {
    await expect(detector.detect(input)).rejects.toMatchObject({ code });
  });

  it('stops when aborted, also on the way', async () => {
    await expect(detector.detect(recording, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_TASK_ABORTED',
    });
    const abort = new AbortController();
    const long = { samples: new Float32Array(600 * SAMPLE_RATE), sampleRate: SAMPLE_RATE };
    const run = detector.detect(long, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(run).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
  });

  it('tells progress, and leaves the loop free', async () => {
    const long = { samples: beeps(600, [300]), sampleRate: SAMPLE_RATE };
    const done: number[] = [];
    let events: readonly DetectedEvent[] = [];
    const { turns, totalMs, busiestMs } = await watchLoop(async () => {
      ({ events } = await detector.detect(long, { onProgress: (progress) => done.push(progress.done) }));
    });
    expect(events).toHaveLength(1);
    expect(done.at(-1)).toBe(600 * SAMPLE_RATE);
    expect(done.length).toBeGreaterThanOrEqual(10);
    expect(turns).toBeGreaterThan(done.length);
    expect(busiestMs).toBeLessThan(totalMs / 3);
  });

  it('aggregates as the spec says', async () => {
    const { scores } = await detector.scores(recording);
    const mean = await load({ aggregate: 'mean' });
    const none = await load({ aggregate: 'none' });
    const average = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    expect((await mean.detect(recording)).score).toBeCloseTo(average, 6);
    expect(await none.detect(recording)).toMatchObject({ score: null, nWindows: 141 });
    await mean[Symbol.asyncDispose]();
    await none[Symbol.asyncDispose]();
  });

  it('says what is missing where its spec has no decision', async () => {
    await using silent = await load({ aggregate: 'none', decision: null });
    await expect(silent.detect(recording)).rejects.toMatchObject({
      code: 'ERR_SPEC',
      message: expect.stringContaining('decision of sequence.onnx must be given in its spec, or an aggregate'),
    });
    expect((await silent.scores(recording)).scores).toEqual((await detector.scores(recording)).scores);
    expect(() => silent.stream()).toThrow('spec.decision must be given');
    await using scoring = await load({ decision: null });
    expect(await scoring.detect(recording)).toMatchObject({ events: [], score: 0.5, nWindows: 141 });
  });

  it('refuses to decide by what is no decision, or by values that are not there', async () => {
    const scored = await detector.scores(recording);
    const misspelt = JSON.parse('{"threshold":0.5,"onset":"actve"}');
    expect(() => detector.decide(scored, misspelt)).toThrow('decision.onset must be "window" or "active", got "actve"');
    const unknown = JSON.parse('{"threshold":0.5,"mergeGap":1}');
    expect(() => detector.decide(scored, unknown)).toThrow('decision must be without unknown fields, got "mergeGap"');
    const stages = [{ windowing: { size: 1 }, model: 'tone.onnx' }];
    const single = defineSpec({ ...specInput, stages, decision: { threshold: 0.5 } });
    await using tone = await Detector.load(meanModel({ input: [N_BINS], spec: single }));
    const levels = await tone.scores(recording);
    expect(() => tone.decide(levels, { ...single.decision!, onset: 'active' })).toThrow(
      "decision.onset must be 'window' unless",
    );
  });

  it('normalises to the recording’s peak', async () => {
    const peak = await load({ audio: { sampleRate: SAMPLE_RATE, normalize: 'peak' } });
    const quiet = { samples: recording.samples.map((x) => x / 64), sampleRate: SAMPLE_RATE };
    const a = await peak.scores(recording);
    const b = await peak.scores(quiet);
    expect([...b.scores]).toEqual([...a.scores]);
    expect((await detector.detect(quiet)).events).toEqual([]);
    const silence = { samples: new Float32Array(SAMPLE_RATE * 2), sampleRate: SAMPLE_RATE };
    expect((await peak.detect(silence)).events).toEqual([]);
    expect(() => peak.stream()).toThrow('audio.normalize must be "none" in a stream');
    await peak[Symbol.asyncDispose]();
  });

  it('takes the positive label’s column of a model with one score per label', async () => {
    const spec = defineSpec({
      ...specInput,
      stages: [{ windowing: { size: 1 }, model: 'columns.onnx' }],
      decision: null,
    });
    const bytes = columnsModel({ input: [N_BINS], nOut: 2, spec });
    const columns = await Detector.load(bytes);
    const { scores, sequences } = await columns.scores(recording);
    expect(scores).toHaveLength(1 + Math.floor((240_000 - 400) / 80));
    expect([...scores]).toEqual([...sequences[0]!.data].filter((_, i) => i % 2 === 1));
    await columns[Symbol.asyncDispose]();
  });

  it('carries spec and card, and warms up', async () => {
    expect(detector.spec.hash).toBe(defineSpec(specInput).hash);
    expect(detector.card).toEqual({ licences: ['CC0-1.0'] });
    await detector.warmup();
  });

  it('refuses models and decisions that do not fit the spec’s stages', async () => {
    const spec = defineSpec(specInput);
    const path = join(folder, 'misfit');
    const models = { ...modelsFor(spec), 'sequence.onnx': meanModel({ input: [40, 1], spec }) };
    await writeBundle(path, { spec, models });
    await expect(Detector.load(path)).rejects.toMatchObject({
      code: 'ERR_MODEL',
      message: 'input of sequence.onnx must be as large as its windows [10, 1], got [40, 1]',
    });
    const single = defineSpec({ ...specInput, stages: [{ windowing: { size: 1 }, model: 'tone.onnx' }] });
    const tone = meanModel({ input: [N_BINS], spec: single });
    await expect(Detector.load(tone)).rejects.toThrow("decision.onset must be 'window' unless");
    const five = defineSpec({ ...specInput, decision: null, stages: [{ windowing: { size: 1 }, model: 'five.onnx' }] });
    const wide = Detector.load(columnsModel({ input: [N_BINS], nOut: 5, spec: five }));
    const misspelt = Detector.load(path, JSON.parse('{"threads":2}'));
    await expect(misspelt).rejects.toThrow(
      'an option of Detector.load must be one of providers, intraOpThreads, maxBatch',
    );
    await expect(wide).rejects.toThrow('output of the last stage must be 1 score, or 2 with a positive label');
  });
});

describe('Detector.stream', () => {
  it.each([160, 1000, 16_000, 240_000])('finds the same events in chunks of %d samples', async (size) => {
    const { events } = await detector.detect(recording);
    expect(events).toHaveLength(3);
    expect(await streamed(chunksOf(recording.samples, size))).toEqual(events);
  });

  it('takes bytes of 16-bit or float PCM, cut anywhere', async () => {
    const s16 = Int16Array.from(recording.samples, (x) => Math.round(x * 32_767));
    const { events } = await detector.detect({ samples: s16, sampleRate: SAMPLE_RATE });
    const bytes = new Uint8Array(s16.buffer);
    expect(await streamed(chunksOf(bytes, 4097))).toEqual(events);
    const floats = new Uint8Array(recording.samples.slice().buffer);
    expect(await streamed(chunksOf(floats, 65_537), detector, { format: 'f32' })).toEqual(
      (await detector.detect(recording)).events,
    );
    await expect(streamed([bytes.subarray(0, 2001)])).rejects.toThrow('stream must be whole samples of 2 bytes');
  });

  it('gives an event within its latency, not at the end', async () => {
    const stream = detector.stream();
    let received = 0;
    const heard: { event: DetectedEvent; atSec: number }[] = [];
    stream.on('data', (event: DetectedEvent) => heard.push({ event, atSec: received / SAMPLE_RATE }));
    for (const chunk of chunksOf(recording.samples, 800)) {
      received += chunk.length;
      if (!stream.write(chunk)) await once(stream, 'drain');
      await new Promise((resolve) => stream.write(new Float32Array(0), resolve));
    }
    stream.end();
    await once(stream, 'end');
    expect(heard).toHaveLength(3);
    expect(stream.latencyMs).toBeCloseTo(925 + 100 + 200, 6);
    for (const { event, atSec } of heard) expect((atSec - event.endSec) * 1000).toBeLessThan(stream.latencyMs + 50);
  });

  it('gives what is open when the sound ends, cut there', async () => {
    const cut = { samples: recording.samples.subarray(0, 11.7 * SAMPLE_RATE), sampleRate: SAMPLE_RATE };
    const { events } = await detector.detect(cut);
    expect(events).toHaveLength(3);
    expect(events.at(-1)!.endSec).toBeLessThanOrEqual(11.7);
    expect(await streamed(chunksOf(cut.samples, 999))).toEqual(events);
  });

  it('refuses NaN, what is not PCM, and an unknown format', async () => {
    await expect(streamed([Float32Array.of(Number.NaN)])).rejects.toMatchObject({ code: 'ERR_AUDIO_NOT_FINITE' });
    const text = pipeline(Readable.from(['words']), detector.stream());
    await expect(text).rejects.toThrow('chunk must be a Float32Array or bytes of PCM, got "string"');
    expect(() => detector.stream(JSON.parse('{"format":"s8"}'))).toThrow("format must be 's16' or 'f32'");
  });

  it('ends when aborted', async () => {
    const abort = new AbortController();
    const endless = Readable.from(
      (function* () {
        for (;;) yield new Float32Array(1600);
      })(),
    );
    setTimeout(() => abort.abort(), 20);
    const run = pipeline(endless, detector.stream({ signal: abort.signal }));
    await expect(run).rejects.toMatchObject({ code: 'ERR_TASK_ABORTED' });
  });

  it.each([
    ['features.topDb', { topDb: 80 }],
    ['features.ref', { ref: 'max' as const }],
  ])('refuses %s, which needs the whole recording', async (option, change) => {
    const features = { ...specInput.features, ...change } as SpecInput['features'];
    const whole = await load({ features });
    expect(() => whole.stream()).toThrow(`${option} must be`);
    expect((await whole.detect(recording)).nWindows).toBe(141);
    await whole[Symbol.asyncDispose]();
  });
});
