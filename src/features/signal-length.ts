import { mustBe, ParameterError } from '../errors.js';
import { type FeatureConfig, frameGrid } from '../spec/index.js';

/** Samples that must follow a frame before it counts. */
export function extraSamples(config: FeatureConfig): 0 | 1 {
  return config.kind === 'stft' && config.tail === 'exclusive' ? 1 : 0;
}

/** @throws ParameterError `ERR_TOO_SHORT` where a signal has no frame */
export function refuseTooShort(config: FeatureConfig, nSamples: number, name: string): void {
  const needed = frameGrid(config).minSamples + extraSamples(config);
  if (nSamples >= needed) return;
  throw new ParameterError('ERR_TOO_SHORT', mustBe(name, `at least ${needed} samples long`, nSamples), { needed });
}
