/** The engine's result for a golden case of a feature. */
import { createPlan, windows } from '../../src/features/index.js';
import { FEATURE_KINDS, type FeatureConfig, resolveFeatures } from '../../src/spec/index.js';
import type { Matrix } from '../../src/types.js';
import { type GoldenCase, goldenInput } from './golden-data.js';

/** Of windows of a feature (`frameVectors`) too, and of a log spectrum. */
function featureKindOf(kind: string): string | null {
  if (FEATURE_KINDS.some((each) => each === kind)) return kind;
  if (kind === 'frameVectors') return 'logMel';
  return kind === 'logSpectrum' ? 'stft' : null;
}

/** A feature; the rest is in `computed-helpers.ts`. */
export function isFeatureCase({ kind }: GoldenCase): boolean {
  return featureKindOf(kind) !== null;
}

/** @throws Error where the input is no recording */
export function signalOf(name: string | null) {
  const { data: samples, sampleRate } = goldenInput(name ?? '');
  if (sampleRate === null) throw new Error(`input must be a recording, got ${name}`);
  return { samples, sampleRate };
}

function configOf({ kind, options }: GoldenCase, sampleRate: number): FeatureConfig {
  const { frames: _frames, columns: _columns, log, ...own } = options;
  const levels = kind === 'logSpectrum' ? { scale: log } : { log };
  // 20·log10|X| of scipy has no floor; ours at the smallest normal float32 never bites either.
  const floor = !('preset' in options) && options.scale === 'db' && !('layout' in options) ? { amin: 1e-37 } : {};
  return resolveFeatures({ ...own, ...levels, ...floor, kind: featureKindOf(kind) }, { sampleRate });
}

export interface Computed extends Matrix {
  readonly config: FeatureConfig;
}

/** Columns `[first, end)` of each row. */
function columnsOf({ data, shape }: Matrix, first: number, end: number): Matrix {
  const [nRows = 0, width = 0] = shape;
  const kept = data.filter((_, i) => i % width >= first && i % width < end);
  return { data: kept, shape: [nRows, end - first] };
}

/** All of the case's rows. @throws ParameterError as the engine does */
export function computed(each: GoldenCase): Computed {
  const signal = signalOf(each.input);
  const config = configOf(each, signal.sampleRate);
  const matrix = createPlan(config).process(signal);
  const { columns } = each.options;
  if (Array.isArray(columns)) return { config, ...columnsOf(matrix, Number(columns[0]), Number(columns[1])) };
  if (each.kind !== 'frameVectors') return { config, shape: matrix.shape, data: matrix.data };
  const size = Number(each.options.frames);
  const { data, shape } = windows(matrix, { size, stride: 1, tail: 'drop' });
  const [nVectors = 0, , width = 0] = shape;
  return { config, shape: [nVectors, size * width], data };
}
