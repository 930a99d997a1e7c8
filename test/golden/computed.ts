/** The engine's result for a golden case of a feature. */
import { createPlan, type Signal, windows } from '../../src/features/index.js';
import { FEATURE_KINDS, type FeatureConfig, type FeatureKind, resolveFeatures } from '../../src/spec/index.js';
import { type GoldenCase, goldenInput } from './golden-data.js';

export function isFeatureKind(kind: string): kind is FeatureKind {
  return FEATURE_KINDS.some((each) => each === kind);
}

/** A feature, or windows of one (`frameVectors`); what is computed by a function of its own has its own test. */
export function isFeatureCase({ kind }: GoldenCase): boolean {
  return isFeatureKind(kind) || kind === 'frameVectors';
}

/** @throws Error where the input is no recording */
export function signalOf(name: string | null): Signal & { readonly sampleRate: number } {
  const { data: samples, sampleRate } = goldenInput(name ?? '');
  if (sampleRate === null) throw new Error(`input must be a recording, got ${name}`);
  return { samples, sampleRate };
}

export function configOf({ kind, options }: GoldenCase, sampleRate: number): FeatureConfig {
  const { frames: _frames, ...own } = options;
  // 20·log10|X| of scipy has no floor; ours at the smallest normal float32 never bites either.
  const floor = !('preset' in options) && options.scale === 'db' && !('layout' in options) ? { amin: 1e-37 } : {};
  return resolveFeatures({ ...own, ...floor }, { kind: isFeatureKind(kind) ? kind : 'logMel', sampleRate });
}

export interface Computed {
  readonly config: FeatureConfig;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** All of the case's rows. @throws ParameterError as the engine does */
export function computed(each: GoldenCase): Computed {
  const signal = signalOf(each.input);
  const config = configOf(each, signal.sampleRate);
  const matrix = createPlan(config).process(signal);
  if (each.kind !== 'frameVectors') return { config, shape: matrix.shape, data: matrix.data };
  const size = Number(each.options.frames);
  const { data, shape } = windows(matrix, { size, stride: 1, tail: 'drop' });
  const [nVectors = 0, , width = 0] = shape;
  return { config, shape: [nVectors, size * width], data };
}
