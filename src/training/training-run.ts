/** A trained model with the story of its training. */
import { ModelError, mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { evaluate, type Metrics } from '../evaluation/index.js';
import { concatFloats } from '../floats.js';
import { type LayersModel, outputNames } from '../model/index.js';
import { modelNames, type Spec } from '../spec/index.js';
import type { EpochRecord } from './callbacks.js';
import type { FinishedRun, StoppedBy } from './checkpoint.js';
import { isNamed, ModelPorts, type Target, type TrainingData } from './data.js';
import type { Engine, EngineChoice } from './engine.js';
import { type CheckedTerm, dataLoss } from './losses.js';
import { optimizerConfig } from './optimizers.js';
import { count } from './options.js';
import type { Program } from './program.js';
import { programOf } from './programs.js';
import { type BundleOptions, saveBundle, specWithModel } from './save-bundle.js';
import { turn } from './turn.js';

export interface PredictionOptions {
  /** Windows a step. Default 512; more only costs memory. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

export interface EvaluationOptions extends PredictionOptions {
  /** Name of the class that counts as positive. Default: the data's spec's. */
  readonly positive?: string;
  /**
   * Names of the model's outputs in order, where it has more than one; with one output it is the positive class's. Default:
   * the data's spec's labels.
   */
  readonly labels?: readonly string[];
  /** Scores from here on are positive. Default .5. */
  readonly threshold?: number;
}

type RunBundleOptions = Partial<Omit<BundleOptions, 'models'>>;

const PREDICTION_KEYS: OptionKeys<PredictionOptions> = { batchSize: true, signal: true };
const EVALUATION_KEYS: OptionKeys<EvaluationOptions> = {
  ...PREDICTION_KEYS,
  positive: true,
  labels: true,
  threshold: true,
};
const BUNDLE_KEYS: OptionKeys<RunBundleOptions> = { spec: true, card: true, opset: true, frontEnd: true };

interface RunParts extends FinishedRun {
  readonly model: LayersModel;
  readonly started: Engine;
  readonly terms: readonly CheckedTerm[];
  readonly target: Target;
  readonly spec: Spec | null;
  readonly resumed: boolean;
}

const PREDICTION_BATCH = 512;

export class TrainingRun {
  /** The model given to `train`, with its trained weights. */
  readonly model: LayersModel;
  readonly history: readonly EpochRecord[];
  readonly engine: EngineChoice;
  readonly stoppedBy: StoppedBy;
  /** Epoch whose monitored figure was best, from 1 on. */
  readonly bestEpoch: number;
  /** Whether the run was found in `out`: finished, and not done again, or interrupted, and continued. */
  readonly resumed: boolean;
  readonly #started: Engine;
  readonly #terms: readonly CheckedTerm[];
  /** Whether targets are class numbers. */
  readonly #sparse: boolean;
  readonly #target: Target;
  readonly #spec: Spec | null;

  constructor(parts: RunParts) {
    this.model = parts.model;
    this.history = parts.history;
    this.engine = { name: parts.engine.name, why: parts.engine.why };
    this.stoppedBy = parts.stoppedBy;
    this.bestEpoch = parts.bestEpoch;
    this.resumed = parts.resumed;
    this.#started = parts.started;
    this.#terms = parts.terms;
    this.#sparse = dataLoss(parts.terms)?.sparse ?? false;
    this.#target = parts.target;
    this.#spec = parts.spec;
  }

  /**
   * The model's output for every window, in the data's order.
   * @returns row-major `[window, …model output]`
   * @throws ModelError `ERR_MODEL` for a model of several outputs (`predictAll`)
   */
  async predict(data: TrainingData, o: PredictionOptions = {}): Promise<Float32Array> {
    const name = this.#onlyOutput();
    return (await this.predictAll(data, o))[name] ?? new Float32Array(0);
  }

  /**
   * Every output of the model for every window, in the data's order.
   * @returns by the output's name, row-major `[window, …model output]`
   */
  async predictAll(data: TrainingData, o: PredictionOptions = {}): Promise<Record<string, Float32Array>> {
    refuseUnknown(o, PREDICTION_KEYS, 'predict');
    const names = outputNames(this.model);
    const parts = names.map((): Float32Array[] => []);
    for await (const { outputs } of this.#scores(data, o)) outputs.forEach((scores, i) => void parts[i]?.push(scores));
    return Object.fromEntries(names.map((name, i) => [name, concatFloats(parts[i] ?? [])]));
  }

  /**
   * Figures of one class against all others, from the windows' own labels.
   *
   * @throws ParameterError `ERR_OPTION` for a run that learnt its input, without a positive class, for several classes
   *   without their `labels` and one with them; `ERR_UNKNOWN_OPTION`; `ERR_SHAPE` for data without labels
   * @throws ModelError `ERR_MODEL` for a model of several outputs
   */
  async evaluate(data: TrainingData, o: EvaluationOptions = {}): Promise<Metrics> {
    refuseUnknown(o, EVALUATION_KEYS, 'evaluate');
    this.#onlyOutput();
    if (this.#target !== 'label') {
      throw new ParameterError('ERR_OPTION', mustBe('target', '"label" to evaluate against labels', this.#target));
    }
    const width = this.model.outputs[0]?.shape.at(-1) ?? 1;
    if (width === 1 && o.labels !== undefined) {
      throw new ParameterError('ERR_OPTION', mustBe('labels', 'left out for a model with one output', o.labels));
    }
    const positive = o.positive ?? data.spec?.positive ?? '';
    const wanted = width === 1 ? 0 : positiveOutput(width, positive, o.labels ?? data.spec?.labels);
    const perScore = width === 1 || this.#sparse ? 1 : width;
    const scores: Float32Array[] = [];
    const truth: Float32Array[] = [];
    for await (const { outputs, y } of this.#scores(data, o)) {
      const [made = new Float32Array(0)] = outputs;
      const n = made.length / width;
      if (y.length !== n * perScore) {
        throw new ParameterError('ERR_SHAPE', mustBe('labels of a batch', `${n * perScore} numbers`, y.length));
      }
      scores.push(Float32Array.from({ length: n }, (_, i) => made[i * width + wanted]!));
      truth.push(Float32Array.from({ length: n }, (_, i) => this.#isPositive(y, i, width, wanted)));
    }
    const threshold = o.threshold === undefined ? {} : { threshold: o.threshold };
    return evaluate(concatFloats(scores), Uint8Array.from(concatFloats(truth)), { positive, ...threshold });
  }

  /**
   * Writes this model with its spec as a bundle: a folder, or one file where `path` ends in `.onnx`.
   *
   * @param o `spec` defaults to the training data's; a spec without a model gets this one in its last window stage
   * @throws ParameterError `ERR_OPTION` without a spec, or with one of several models; `ERR_UNKNOWN_OPTION`
   */
  async saveBundle(path: string, o: RunBundleOptions = {}): Promise<void> {
    refuseUnknown(o, BUNDLE_KEYS, 'saveBundle');
    const given = o.spec ?? this.#spec;
    if (given === null) throw new ParameterError('ERR_OPTION', mustBe('spec', 'given, as the data have none', 'none'));
    const spec = specWithModel(given);
    await saveBundle(path, { ...o, spec, models: { [modelNames(spec)[0] ?? '']: this } });
  }

  #onlyOutput(): string {
    const names = outputNames(this.model);
    const [name] = names;
    if (name !== undefined && names.length === 1) return name;
    throw new ModelError('ERR_MODEL', mustBe('model', 'one with one output', `outputs ${names.join(', ')}`));
  }

  #isPositive(y: Float32Array, i: number, width: number, wanted: number): number {
    if (width === 1) return y[i]! >= 0.5 ? 1 : 0;
    if (this.#sparse) return y[i] === wanted ? 1 : 0;
    return y[i * width + wanted]! >= 0.5 ? 1 : 0;
  }

  async *#scores(data: TrainingData, o: PredictionOptions) {
    const batchSize = count('batchSize', o.batchSize ?? PREDICTION_BATCH);
    const ports = new ModelPorts(this.model, this.#target, this.#terms);
    let program: Program | null = null;
    try {
      for await (const batch of data.batches({ batchSize, shuffle: false, buffers: 'reused' })) {
        await turn(o.signal, 'prediction');
        const input = ports.input(batch);
        program ??= programOf(this.model, this.#stillRun(), this.#started, input);
        const y = isNamed(batch) ? Object.values(batch.targets)[0]?.data : batch.y;
        yield { outputs: program.predict(input), y: y ?? new Float32Array(0) };
      }
    } finally {
      program?.dispose();
    }
  }

  /** A run that moves nothing. */
  #stillRun() {
    return { terms: this.#terms, classWeight: new Map(), optimizer: optimizerConfig('sgd'), threads: 1, seed: 0 };
  }
}

function positiveOutput(width: number, positive: string, labels: readonly string[] | undefined): number {
  const index = labels?.indexOf(positive) ?? -1;
  if (labels?.length === width && index >= 0) return index;
  const expected = `the names of the ${width} outputs, ${JSON.stringify(positive)} among them`;
  throw new ParameterError('ERR_OPTION', mustBe('labels', expected, labels ?? 'none'));
}
