import type { ClipReader } from '../audio/index.js';
import type { FeaturePlan, PlanInSeries } from '../features/index.js';
import { isReadableName } from '../files/index.js';
import type { ComputedClip, NativeFrameSummary, NativeJournal } from '../native/index.js';
import type { ShardRow, ShardSink } from '../shards/index.js';
import { frameWidth, type Spec } from '../spec/index.js';
import type { FileRange } from '../types.js';
import { audioOf, pathOf } from './audio-of.js';
import type { ShardInput } from './shard-plan.js';

/** Recordings that one native call is offered. */
const MOST_FILES = 64;
const MEAN_CHANNEL = -1;

/** A shard in the making. */
export interface SeriesOf {
  readonly shard: number;
  readonly inputs: readonly ShardInput[];
  /** What recordings' paths are relative to. */
  readonly root: string;
  readonly sink: ShardSink;
  readonly summary: NativeFrameSummary;
  /** Told of every recording that is in the sink. */
  readonly onDone: (input: ShardInput, clip: ComputedClip) => void;
}

/**
 * Computes recordings that need nothing but reading and computing, many in one native call: around each of them JavaScript
 * would take a fifth of the time. It leaves out what is long, cut, resampled, damaged or labelled in files;
 * the bits are those of one recording at a time.
 */
export class ClipSeries {
  readonly #plan: PlanInSeries | null;
  readonly #width: number;
  readonly #audio: Spec['audio'];
  readonly #reader: ClipReader;
  readonly #journal: NativeJournal;

  constructor(plan: FeaturePlan, audio: Spec['audio'], reader: ClipReader, journal: NativeJournal) {
    this.#plan = audio.channel === 'all' || audio.normalize !== 'none' ? null : plan.inSeries();
    this.#width = frameWidth(plan.config);
    this.#audio = audio;
    this.#reader = reader;
    this.#journal = journal;
  }

  /**
   * @param first place of the recording to begin with
   * @returns how many recordings are in the sink now; the one behind them is to be computed by itself
   */
  compute(of: SeriesOf, first: number): number {
    const { channel, sampleRate } = this.#audio;
    if (this.#plan === null || channel === 'all') return 0;
    const files = this.#filesFrom(of, first);
    let done = 0;
    for (let needed = 0; files.length > done; ) {
      const series = {
        ...this.#plan,
        summary: of.summary,
        journal: this.#journal,
        files: files.slice(done),
        channel: channel === 'mean' ? MEAN_CHANNEL : channel,
        shard: of.shard,
        firstInput: first + done,
      };
      const found = this.#reader.native.compute(series, of.sink.reserve(needed));
      for (const clip of found.clips) {
        const input = of.inputs[first + done]!;
        of.sink.commit(rowOf(input, clip, sampleRate), clip.nFrames * this.#width);
        of.onDone(input, clip);
        done += 1;
      }
      needed = found.needed;
      if (needed === 0) break;
    }
    return done;
  }

  /** As many as follow each other. */
  #filesFrom({ inputs, root, sink }: SeriesOf, first: number): readonly (string | FileRange)[] {
    const files: (string | FileRange)[] = [];
    for (let i = first; i < inputs.length && files.length < MOST_FILES; i += 1) {
      const input = inputs[i]!;
      if (!isPlain(input) || sink.refusal(input) !== null) break;
      files.push(audioOf(input, root).input);
    }
    return files;
  }
}

/** Neither cut nor labelled by a file, and not of a channel of its own. */
function isPlain({ path, startSec, durationSec, channel, sidecar, fault }: ShardInput): boolean {
  const isWhole = startSec === undefined && durationSec === undefined && channel === undefined;
  return isWhole && sidecar === null && fault === undefined && isReadableName(path);
}

function rowOf(input: ShardInput, { nSamples, contentHash }: ComputedClip, sampleRate: number): ShardRow {
  return {
    id: input.id,
    path: pathOf(input),
    group: input.group,
    label: input.label,
    channel: null,
    sampleRate,
    startSec: 0,
    durationSec: nSamples / sampleRate,
    labels: input.labels ?? [],
    contentHash,
  };
}
