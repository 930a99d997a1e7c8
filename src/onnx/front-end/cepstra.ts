/** Cepstral coefficients of log-mel bands `[batch, mel, frame]`. */
import type { NativeAddon, NativeFeatureConfig } from '../../native/index.js';
import type { OnnxBuilder } from '../builder.js';

export function nCoefficients({ nMfcc, appendC0 }: NativeFeatureConfig): number {
  return nMfcc + (appendC0 ? 1 : 0);
}

export function writeCepstra(
  builder: OnnxBuilder,
  addon: NativeAddon,
  bands: string,
  config: NativeFeatureConfig,
): string {
  const shape = [nCoefficients(config), config.nMels];
  const matrix = builder.weight('front_end/dct', shape, () => dctMatrix(addon, config));
  return builder.op('MatMul', 'front_end/cepstra', [matrix, bands]);
}

/** Native `Dct` as a matrix `[coefficient, mel]`: its rows come from native transforms of unit vectors. */
function dctMatrix(addon: NativeAddon, config: NativeFeatureConfig): Float32Array {
  const { nMels, nMfcc, firstCoefficient, appendC0, dctNorm, lifter, lifterRule } = config;
  const plain = columns(addon, nMels, dctNorm, 0);
  const lifted = columns(addon, nMels, dctNorm, lifter);
  const orders = Array.from({ length: nMfcc }, (_, i) => firstCoefficient + i);
  if (appendC0) orders.push(0);
  const out = new Float32Array(orders.length * nMels);
  orders.forEach((order, row) => {
    // The transform of as many orders as there are bands ends before this one, which is zero.
    if (order >= nMels) return;
    const factor = lifterRule === 'librosa' ? lifterOf(order) : order === 0 ? 1 : lifterOf(order - 1);
    for (let mel = 0; mel < nMels; mel++) out[row * nMels + mel] = factor * plain[mel * nMels + order]!;
  });
  return out;

  /** Native lifters count from 1 where there is no plan; cos of the first band is never 0. */
  function lifterOf(order: number): number {
    return lifted[order]! / plain[order]!;
  }
}

/** `[mel, order]` */
function columns(addon: NativeAddon, n: number, norm: NativeFeatureConfig['dctNorm'], lifter: number): Float32Array {
  const units = new Float32Array(n * n);
  for (let i = 0; i < n; i++) units[i * n + i] = 1;
  const out = new Float32Array(n * n);
  addon.dct(units, n, out, n, norm, lifter);
  return out;
}
