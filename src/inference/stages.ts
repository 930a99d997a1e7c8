/** Runs a spec's stages over rows as they come: windows → model, binarize, decimate. */
import { ModelError, mustBe } from '../errors.js';
import { normalizeNumbers, planWindows } from '../features/index.js';
import { loadAddon, type NativeAddon } from '../native/index.js';
import type { Stage, WindowStage } from '../spec/index.js';
import { throwIfAborted } from './abort.js';
import { RowBuffer, type Sequence, type Timing } from './sequence.js';
import type { ModelSession } from './session.js';

/** Loaded models by the name their stage has in the spec. */
export type Sessions = ReadonlyMap<string, ModelSession>;

export interface StageInput extends Timing {
  /** Floats per row. */
  readonly width: number;
}

export interface ChainOptions {
  /**
   * `outputs` keeps what every stage returned (not the input rows); `needed` forgets what no later window can reach,
   * for streams without an end.
   */
  readonly keep: 'outputs' | 'needed';
}

/** Windows gathered at a time where no model asks for its own batch. */
const GATHER_WINDOWS = 1024;

/** One stage between two buffers. */
interface Step {
  readonly name: string;
  readonly input: RowBuffer;
  readonly output: RowBuffer;
  readonly timing: Timing;
  /** First input row that is still needed. */
  readonly needs: () => number;
  /** Computes all that `input` allows; `ended` says that no row will follow. */
  readonly advance: (ended: boolean, signal: AbortSignal | undefined) => Promise<void>;
}

/** A chain of stages with its buffers: one per recording or stream. */
export class StageChain {
  /** Milliseconds spent so far, by model file or by kind of stage. */
  readonly timingsMs: Record<string, number> = {};
  readonly #steps: readonly Step[];
  readonly #input: RowBuffer;
  readonly #inputTiming: Timing;
  readonly #keep: ChainOptions['keep'];

  /** @throws ModelError `ERR_MODEL` where a model's input is not what its windows hold, naming both shapes */
  constructor(stages: readonly Stage[], sessions: Sessions, input: StageInput, o: ChainOptions) {
    this.#input = new RowBuffer(input.width);
    this.#inputTiming = input;
    this.#keep = o.keep;
    const steps: Step[] = [];
    let rows = this.#input;
    let timing: Timing = input;
    for (const stage of stages) {
      const step = makeStep(stage, rows, timing, sessions);
      steps.push(step);
      rows = step.output;
      timing = step.timing;
    }
    this.#steps = steps;
  }

  /** Takes `n` rows and computes what they allow. */
  async push(rows: Float32Array, n: number, signal?: AbortSignal): Promise<void> {
    this.#input.extend(n).set(rows.subarray(0, n * this.#input.width));
    await this.#advance(false, signal);
  }

  /** Says that no row will follow: computes the windows that `tail` fills up. */
  async end(signal?: AbortSignal): Promise<void> {
    await this.#advance(true, signal);
  }

  /** What stage `index` has returned; −1 is the input, of which only what is still needed is here. */
  output(index: number): Sequence {
    const step = this.#steps[index];
    const { startSec, stepSec, spanSec } = step?.timing ?? this.#inputTiming;
    const { rows, width, first, end } = step?.output ?? this.#input;
    return { data: rows, width, n: end - first, first, startSec, stepSec, spanSec };
  }

  get nStages(): number {
    return this.#steps.length;
  }

  /** Forgets rows that are no longer needed; with `keep: 'needed'` also of outputs, before `row` of the last one. */
  forget(row: number): void {
    this.#steps.forEach((step, i) => {
      if (i === 0 || this.#keep === 'needed') step.input.drop(step.needs());
    });
    if (this.#keep === 'needed') this.#steps.at(-1)?.output.drop(row);
  }

  async #advance(ended: boolean, signal: AbortSignal | undefined): Promise<void> {
    for (const step of this.#steps) {
      throwIfAborted(signal, step.name);
      const started = performance.now();
      await step.advance(ended, signal);
      this.timingsMs[step.name] = (this.timingsMs[step.name] ?? 0) + performance.now() - started;
    }
  }
}

function makeStep(stage: Stage, input: RowBuffer, timing: Timing, sessions: Sessions): Step {
  if ('windowing' in stage) return windowStep(stage, input, timing, sessions);
  if ('binarize' in stage) {
    const { binarize } = stage;
    return rowStep('binarize', 1, input, timing, (row, out) => {
      for (let i = 0; i < row.length; i++) out[i] = row[i]! >= binarize ? 1 : 0;
    });
  }
  return rowStep('decimate', stage.decimate, input, timing, (row, out) => out.set(row));
}

/** A stage that turns every `every`-th row into one. */
function rowStep(
  name: string,
  every: number,
  input: RowBuffer,
  timing: Timing,
  apply: (row: Float32Array, out: Float32Array) => void,
): Step {
  const { width } = input;
  const output = new RowBuffer(width);
  const needs = () => output.end * every;
  const advance = async () => {
    const next = needs();
    const count = Math.max(0, Math.ceil((input.end - next) / every));
    const out = output.extend(count);
    for (let i = 0; i < count; i++) {
      const at = (next + i * every - input.first) * width;
      apply(input.rows.subarray(at, at + width), out.subarray(i * width, (i + 1) * width));
    }
  };
  return { name, input, output, timing: { ...timing, stepSec: timing.stepSec * every }, needs, advance };
}

/** Windows, normalised while they are gathered, through a model where there is one. */
function windowStep(stage: WindowStage, input: RowBuffer, timing: Timing, sessions: Sessions): Step {
  const { size, stride, tail } = stage.windowing;
  const session = sessionOf(stage, input.width, sessions);
  const windowWidth = size * input.width;
  const output = new RowBuffer(session?.outputSize ?? windowWidth);
  const gather = gatherer(loadAddon(), stage, input);
  const needs = () => output.end * stride;
  let scratch = new Float32Array(0);

  const available = (ended: boolean) => {
    if (ended && tail !== 'drop') return planWindows(input.end, stage.windowing).starts.length;
    return input.end < size ? 0 : 1 + Math.floor((input.end - size) / stride);
  };
  const advance = async (ended: boolean, signal: AbortSignal | undefined) => {
    const total = available(ended);
    while (output.end < total) {
      throwIfAborted(signal, session?.name ?? 'windowing');
      const first = output.end;
      const count = Math.min(session?.batchSize ?? GATHER_WINDOWS, total - first);
      if (session === undefined) {
        gather(first, output.extend(count));
        continue;
      }
      if (scratch.length < count * windowWidth) scratch = new Float32Array(count * windowWidth);
      const batch = scratch.subarray(0, count * windowWidth);
      gather(first, batch);
      await session.run(batch, count, output.extend(count), signal);
    }
  };
  const spanSec = (size - 1) * timing.stepSec + timing.spanSec;
  const name = session?.name ?? 'windowing';
  return {
    name,
    input,
    output,
    timing: { startSec: timing.startSec, stepSec: timing.stepSec * stride, spanSec },
    needs,
    advance,
  };
}

function sessionOf(stage: WindowStage, width: number, sessions: Sessions): ModelSession | undefined {
  if (stage.model === undefined) return undefined;
  const session = sessions.get(stage.model);
  if (session === undefined) {
    throw new ModelError('ERR_MODEL', mustBe('sessions', `with the model ${stage.model}`, [...sessions.keys()]));
  }
  const { size } = stage.windowing;
  if (session.inputSize !== size * width) {
    const expected = `as large as its windows [${size}, ${width}]`;
    throw new ModelError('ERR_MODEL', mustBe(`input of ${session.name}`, expected, session.inputShape), {
      model: session.inputShape,
      windows: [size, width],
    });
  }
  return session;
}

/** Gathers as many windows as `out` holds, from window `first` on. */
function gatherer(addon: NativeAddon, stage: WindowStage, input: RowBuffer) {
  const { size, stride, padValue } = stage.windowing;
  const { width: rowWidth } = input;
  const numbers = normalizeNumbers(stage.normalize, rowWidth);
  return (first: number, out: Float32Array) => {
    const starts = Int32Array.from(
      { length: out.length / (size * rowWidth) },
      (_, i) => (first + i) * stride - input.first,
    );
    addon.gatherWindows({ source: input.rows, rowWidth, size, starts, padValue, ...numbers }, out);
  };
}

/** Rows handed to the chain at a time, so that the input is not held twice. */
const BLOCK_FLOATS = 1 << 20;

/**
 * Runs stages over a whole sequence of rows, e.g. the features of one recording in a shard.
 *
 * @param input rows `[n, width]`
 * @returns the output of every stage, in order
 * @throws ModelError `ERR_MODEL` where a model does not fit its windows; PoolError `ERR_TASK_ABORTED`
 */
export async function runStages(
  input: Omit<Sequence, 'first'>,
  stages: readonly Stage[],
  sessions: Sessions,
  o: { readonly signal?: AbortSignal } = {},
): Promise<Sequence[]> {
  const chain = new StageChain(stages, sessions, input, { keep: 'outputs' });
  const rowsAtOnce = Math.max(1, Math.floor(BLOCK_FLOATS / input.width));
  for (let row = 0; row < input.n; row += rowsAtOnce) {
    const n = Math.min(rowsAtOnce, input.n - row);
    await chain.push(input.data.subarray(row * input.width, (row + n) * input.width), n, o.signal);
    chain.forget(0);
  }
  await chain.end(o.signal);
  return stages.map((_, i) => chain.output(i));
}
