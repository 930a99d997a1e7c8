/** What a run leaves in its folder: `history.json` and `weights.bin`, until it ends `state.safetensors`; each replaced whole. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../files/index.js';
import { type LayersModel, loadTf } from '../model/index.js';
import { decides, type EpochRecord } from './callbacks.js';
import { type TrainingData, valuesOf } from './data.js';
import type { EngineChoice } from './engine.js';
import type { TrainConfig } from './options.js';
import { decodeState, encodeState, type RunState } from './run-state.js';

/** Why training ended. */
export type StoppedBy = 'epochs' | 'steps' | 'earlyStopping' | 'maxSeconds';

export interface FinishedRun {
  readonly engine: EngineChoice;
  readonly stoppedBy: StoppedBy;
  /** Epoch whose figure was best, from 1 on. */
  readonly bestEpoch: number;
  readonly history: readonly EpochRecord[];
}

interface HistoryFile extends Omit<FinishedRun, 'stoppedBy'> {
  readonly format: 1;
  /** Of model, initial weights, options and data. */
  readonly configuration: string;
  /** Null while the run goes on. */
  readonly stoppedBy: StoppedBy | null;
  /** SHA-256 of `weights.bin`. */
  readonly weights: string;
}

const HISTORY_FILE = 'history.json';
const WEIGHTS_FILE = 'weights.bin';
const STATE_FILE = 'state.safetensors';
const FORMAT = 1;

/** Every weight of a model, in the order of `model.getWeights()`, copied. */
export function readWeights(model: LayersModel): Float32Array[] {
  return model.getWeights().map((tensor) => Float32Array.from(tensor.dataSync()));
}

export function writeWeights(model: LayersModel, weights: readonly Float32Array[]): void {
  const tf = loadTf();
  const tensors = model.getWeights().map((tensor, i) => tf.tensor(weights[i]!, tensor.shape));
  model.setWeights(tensors);
  tf.dispose(tensors);
}

/**
 * A hash of all that decides the outcome of a run: layers, weights, options, engine and every window of the data. Names
 * of layers are left out, because tfjs numbers them by how many models the process made before.
 */
export async function configurationHash(
  model: LayersModel,
  config: TrainConfig,
  engine: string,
  parts: readonly TrainingData[],
): Promise<string> {
  const hash = createHash('sha256');
  const { terms, classWeight, callbacks, balance, stateSec: _stateSec, gpuMemory: _memory, ...options } = config;
  const deciding = callbacks.filter(decides);
  const layers = model.layers.map((layer) => [layer.getClassName(), layer.getConfig()]);
  const drawn = typeof balance === 'string' ? balance : balance.shares;
  const described = {
    ...options,
    engine,
    terms: terms.map((term) => ({ ...term, loss: term.loss.name })),
    classWeight: [...classWeight],
    balance: drawn,
    deciding,
    layers,
  };
  if (typeof balance !== 'string') hash.update(bytesOf(balance.strata));
  hash.update(JSON.stringify(described, (key, value) => (key === 'name' && isLayerName(value) ? undefined : value)));
  for (const weights of readWeights(model)) hash.update(bytesOf(weights));
  for (const part of parts) {
    hash.update(`part of ${part.size}`);
    const { batchSize } = config;
    for await (const batch of part.batches({ batchSize, shuffle: false, buffers: 'reused' })) {
      for (const [name, { data, shape }] of valuesOf(batch))
        hash.update(JSON.stringify([name, shape])).update(bytesOf(data));
    }
  }
  return hash.digest('hex');
}

/** tfjs ends the names it makes up with a number; an optimiser's or initialiser's name has none. */
function isLayerName(value: unknown): boolean {
  return typeof value === 'string' && /\d$/.test(value);
}

export class Checkpoint {
  readonly #folder: string;
  readonly #configuration: string;

  constructor(folder: string, configuration: string) {
    this.#folder = folder;
    this.#configuration = configuration;
  }

  /** Loads a finished run of this configuration into the model. @returns null where there is none that is whole */
  async finished(model: LayersModel): Promise<FinishedRun | null> {
    const text = await readOrNull(join(this.#folder, HISTORY_FILE));
    const file = text === null ? null : parseHistory(text);
    if (file === null || file.stoppedBy === null || file.configuration !== this.#configuration) return null;
    const bytes = await readOrNull(join(this.#folder, WEIGHTS_FILE));
    if (bytes === null || sha256(bytes) !== file.weights) return null;
    writeWeights(model, splitWeights(model, new Float32Array(new Uint8Array(bytes).buffer)));
    const { engine, stoppedBy, bestEpoch, history } = file;
    return { engine, stoppedBy, bestEpoch, history };
  }

  /**
   * The run of this configuration that was interrupted, where it was last. @returns null where there is none
   * @throws ModelError `ERR_MODEL_FILE` for a state that is damaged
   */
  async state(): Promise<RunState | null> {
    const path = join(this.#folder, STATE_FILE);
    const bytes = await readOrNull(path);
    return bytes === null ? null : decodeState(bytes, this.#configuration, path);
  }

  async saveState(state: RunState): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await replaceFile(join(this.#folder, STATE_FILE), encodeState(state, this.#configuration));
  }

  /** Writes the run as it stands: after every best epoch and, with `stoppedBy`, at its end. */
  async save(weights: readonly Float32Array[], run: Omit<FinishedRun, 'stoppedBy'>, stoppedBy: StoppedBy | null) {
    await mkdir(this.#folder, { recursive: true });
    const bytes = Buffer.concat(weights.map(bytesOf));
    const file: HistoryFile = {
      format: FORMAT,
      configuration: this.#configuration,
      weights: sha256(bytes),
      stoppedBy,
      engine: run.engine,
      bestEpoch: run.bestEpoch,
      history: run.history,
    };
    await replaceFile(join(this.#folder, WEIGHTS_FILE), bytes);
    await replaceFile(join(this.#folder, HISTORY_FILE), `${JSON.stringify(file, null, 2)}\n`);
    if (stoppedBy !== null) await rm(join(this.#folder, STATE_FILE), { force: true });
  }
}

function parseHistory(text: Buffer): HistoryFile | null {
  const file: HistoryFile = JSON.parse(text.toString('utf8'));
  return file.format === FORMAT ? file : null;
}

/** Weights one after the other, as a model has them. */
export function splitWeights(model: LayersModel, all: Float32Array): Float32Array[] {
  let start = 0;
  return model.getWeights().map(({ size }) => {
    start += size;
    return all.subarray(start - size, start);
  });
}

function bytesOf(values: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function readOrNull(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
