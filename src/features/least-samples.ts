import { mustBe, ParameterError } from '../errors.js';
import type { FeatureConfig } from '../spec/index.js';

/** Samples that must follow a frame before it counts. */
export function extraSamples(config: FeatureConfig): 0 | 1 {
  return config.kind === 'stft' && config.tail === 'exclusive' ? 1 : 0;
}

/** How long a signal must be for one frame. */
function leastSamples(config: FeatureConfig): number {
  const { nFft, center, padMode } = config;
  if (!center) return nFft + extraSamples(config);
  return padMode === 'reflect' ? Math.floor(nFft / 2) + 1 : 1;
}

/** @throws ParameterError `ERR_TOO_SHORT` */
export function refuseTooShort(config: FeatureConfig, nSamples: number, name: string): void {
  const needed = leastSamples(config);
  if (nSamples >= needed) return;
  throw new ParameterError('ERR_TOO_SHORT', mustBe(name, `at least ${needed} samples long`, nSamples), { needed });
}
