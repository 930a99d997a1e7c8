/** Computes one shard: every recording's features, written as the worker goes. */
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ClipReader, openAudio } from '../audio/index.js';
import { intervalsOf, type RecordingError } from '../corpus/index.js';
import { AudioFormatError, CochleaError, type ErrorCode, errorFromCode, mustBe } from '../errors.js';
import { createPlan, type FeaturePlan } from '../features/index.js';
import { UNFINISHED } from '../files/index.js';
import { type ComputedClip, loadAddon, type NativeFrameSummary, type NativeJournal } from '../native/index.js';
import { answer } from '../pool/index.js';
import { createSink, discardingSink, META, type ShardSink } from '../shards/index.js';
import { effectiveFeatures, frameShape, frameWidth, parseSpec, type Spec } from '../spec/index.js';
import type { ChannelChoice } from '../types.js';
import { audioOf, pathOf } from './audio-of.js';
import { ClipSeries } from './clip-series.js';
import { WorkerCounter } from './counters.js';
import type { MadeShard, RangeTask, RunFacts, ShardTask } from './extract-task.js';
import { computeRange } from './ranges.js';
import { type RecordingFacts, RecordingFeatures } from './recording-features.js';
import type { ShardInput } from './shard-plan.js';
import { RowInHand } from './shard-row.js';

/** Codes that blame a recording or its label file; any other error ends the run. */
const RECORDING_CODES: ReadonlySet<ErrorCode> = new Set([
  'ERR_TOO_SHORT',
  'ERR_SAMPLE_RATE',
  'ERR_LABELS',
  'ERR_OPTION',
  'ERR_TIMEOUT',
  'ERR_CRASHED',
]);
const MS_PER_SEC = 1000;

/** What one thread keeps from shard to shard. */
interface Equipment {
  readonly facts: RunFacts;
  readonly spec: Spec;
  readonly plan: FeaturePlan;
  readonly width: number;
  readonly features: RecordingFeatures;
  readonly series: ClipSeries;
  readonly metadata: ReadonlyMap<string, string>;
  readonly shape: readonly number[];
  readonly counter: WorkerCounter;
  readonly journal: NativeJournal;
}

// Tasks find it loaded, where the thread was started ahead of them.
loadAddon();

let equipment: Equipment | null = null;

export default answer<ShardTask | RangeTask, MadeShard | null>(async (task) => {
  const own = equipmentFor(task.facts);
  if ('shard' in task) return makeShard(own, task);
  own.journal.begin(task.of, 0);
  await computeRange(task.range, own.facts.root, own.plan, own.spec.audio);
  own.journal.end();
  return null;
});

async function makeShard(own: Equipment, task: ShardTask): Promise<MadeShard> {
  const { facts, shard, trial } = task;
  const { width, shape, metadata } = own;
  const { folder, format, compression } = facts;
  const { name } = shard;
  const sink =
    trial === undefined
      ? await createSink({ format, compression, folder, name, width, frameShape: shape, metadata })
      : discardingSink();
  try {
    return await new ShardMaker(own, task, sink).make();
  } catch (error) {
    sink.abandon();
    throw error;
  } finally {
    own.journal.end();
  }
}

class ShardMaker {
  readonly #own: Equipment;
  readonly #task: ShardTask;
  readonly #sink: ShardSink;
  readonly #summary: NativeFrameSummary;
  readonly #errors: RecordingError[] = [];
  #items = 0;
  #frames = 0;
  #audioSec = 0;

  constructor(own: Equipment, task: ShardTask, sink: ShardSink) {
    this.#own = own;
    this.#task = task;
    this.#sink = sink;
    this.#summary = new (loadAddon().FrameSummary)(own.width);
  }

  async make(): Promise<MadeShard> {
    const { shard, trial } = this.#task;
    if (trial !== undefined) await this.#single(trial);
    else {
      for (let i = 0; i < shard.inputs.length; ) {
        const done = this.#inSeries(i);
        if (done === 0) await this.#single(i);
        i += Math.max(1, done);
      }
    }
    const { n, mean, m2 } = this.#summary.statistics();
    return {
      files: this.#sink.finish(),
      items: this.#items,
      frames: this.#frames,
      audioSec: this.#audioSec,
      errors: this.#errors,
      stats: { n, mean: [...mean], m2: [...m2] },
    };
  }

  /** Those that are plain, from one on. @returns how many are done */
  #inSeries(first: number): number {
    const { shard, quarantined, ready } = this.#task;
    if (quarantined.size > 0 || ready !== undefined) return 0;
    const { facts, spec, series } = this.#own;
    const { index, inputs } = shard;
    const onDone = ({ bytes }: ShardInput, { nFrames, nSamples }: ComputedClip): void => {
      const audioSec = nSamples / spec.audio.sampleRate;
      this.#items += 1;
      this.#frames += nFrames;
      this.#audioSec += audioSec;
      this.#own.counter.add({ recordings: 1, failed: 0, audioSec, bytes });
    };
    const of = { shard: index, inputs, root: facts.root, sink: this.#sink, summary: this.#summary, onDone };
    return series.compute(of, first);
  }

  async #single(place: number): Promise<void> {
    const { index, inputs } = this.#task.shard;
    this.#own.journal.begin(index, place);
    await this.#recording(inputs[place]!, place);
  }

  async #recording(input: ShardInput, place: number): Promise<void> {
    const before = this.#audioSec;
    let failed = 0;
    try {
      const crashed = this.#task.quarantined.get(place);
      if (crashed !== undefined) throw crashedBefore(crashed);
      for (const channel of await this.#channels(input)) await this.#row(input, channel);
    } catch (error) {
      this.#errors.push(this.#blamed(input, error));
      failed = 1;
    }
    this.#own.counter.add({ recordings: 1, failed, audioSec: this.#audioSec - before, bytes: input.bytes });
  }

  /** The channels that become rows of their own: mostly one. */
  async #channels(input: ShardInput): Promise<readonly { readonly choice: ChannelChoice; readonly isRow: boolean }[]> {
    const choice = input.channel ?? this.#own.spec.audio.channel;
    if (choice !== 'all') return [{ choice, isRow: false }];
    const reader = await openAudio(audioOf(input, this.#own.facts.root).input);
    await reader.close();
    return Array.from({ length: reader.channels }, (_, channel) => ({ choice: channel, isRow: true }));
  }

  async #row(
    input: ShardInput,
    { choice, isRow }: { readonly choice: ChannelChoice; readonly isRow: boolean },
  ): Promise<void> {
    const { facts, features } = this.#own;
    const { startSec, durationSec } = input;
    const row = new RowInHand(this.#sink, this.#summary, this.#own.width, () => this.#temporary());
    try {
      const cut = { input: audioOf(input, facts.root).input, channel: choice, startSec, durationSec };
      const found = this.#adopted(row) ?? (await features.compute(cut, row, this.#timeLimit()));
      const channel = isRow && typeof choice === 'number' ? choice : null;
      row.commit({
        id: channel === null ? input.id : `${input.id}#${channel}`,
        path: pathOf(input),
        group: input.group ?? (channel === null ? null : input.id),
        label: input.label,
        channel,
        sampleRate: found.sampleRate,
        startSec: startSec ?? 0,
        durationSec: found.durationSec,
        labels: await intervalsOf(input, facts.root, found.sampleRate),
      });
      this.#items += 1;
      this.#frames += found.nFrames;
      this.#audioSec += found.durationSec;
    } catch (error) {
      row.drop();
      throw error;
    }
  }

  /** What ranges of the recording have made of it, where it was cut into some. */
  #adopted(row: RowInHand): RecordingFacts | null {
    const { ready } = this.#task;
    if (ready === undefined) return null;
    const { path, nFrames, nSamples } = ready;
    const { sampleRate } = this.#own.spec.audio;
    row.adopt(path, nFrames * this.#own.width);
    return { nFrames, sampleRate, durationSec: nSamples / sampleRate };
  }

  #timeLimit(): AbortSignal | undefined {
    const { timeoutSec } = this.#own.facts;
    return timeoutSec === null ? undefined : AbortSignal.timeout(timeoutSec * MS_PER_SEC);
  }

  #temporary(): string {
    return join(this.#own.facts.folder, `${this.#task.shard.name}.frames.${randomUUID()}${UNFINISHED}`);
  }

  /** The error as a line of `errors.jsonl`; thrown on where it blames no recording, or the run is strict. */
  #blamed(input: ShardInput, thrown: unknown): RecordingError {
    const { facts } = this.#own;
    const error = facts.timeoutSec !== null && isAbort(thrown) ? tooLong(facts.timeoutSec) : thrown;
    if (!blamesRecording(error)) throw error;
    const path = resolve(facts.root, input.path);
    if (facts.strict) throw errorFromCode(error.code, error.message, { ...error.details, path });
    const { byteOffset } = error.details;
    return {
      id: input.id,
      path,
      code: error.code,
      message: error.message,
      ...(typeof byteOffset === 'number' && { byteOffset }),
    };
  }
}

function equipmentFor(facts: RunFacts): Equipment {
  if (equipment?.facts.run === facts.run) return equipment;
  equipment?.journal.close();
  const spec = parseSpec(facts.spec);
  const plan = createPlan(effectiveFeatures(spec).features);
  const shape = frameShape(plan.config);
  const counter = new WorkerCounter(facts.counters);
  const journal = new (loadAddon().Journal)(facts.journal, counter.slot);
  const clips = new ClipReader(spec.audio.sampleRate);
  equipment = {
    facts,
    spec,
    plan,
    width: frameWidth(plan.config),
    features: new RecordingFeatures(plan, spec.audio, clips),
    series: new ClipSeries(plan, spec.audio, clips, journal),
    metadata: new Map([
      [META.spec, facts.spec],
      [META.specHash, spec.hash],
      [META.featureHash, facts.featureHash],
      [META.version, loadAddon().version],
      [META.frameShape, JSON.stringify(shape)],
    ]),
    shape,
    counter,
    journal,
  };
  return equipment;
}

function blamesRecording(error: unknown): error is CochleaError {
  return error instanceof AudioFormatError || (error instanceof CochleaError && RECORDING_CODES.has(error.code));
}

function isAbort(error: unknown): boolean {
  return error instanceof CochleaError && error.code === 'ERR_TASK_ABORTED';
}

function tooLong(timeoutSec: number): CochleaError {
  return errorFromCode(
    'ERR_TIMEOUT',
    mustBe('a recording', `computed within ${timeoutSec} s`, 'one that takes longer'),
  );
}

function crashedBefore(how: string): CochleaError {
  return errorFromCode('ERR_CRASHED', mustBe('a recording', 'one that leaves the process alive', how));
}
