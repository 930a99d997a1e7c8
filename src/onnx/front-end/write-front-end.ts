/** The sound front-end as standard ONNX operators: PCM in, features out. */
import { ExportError, mustBe } from '../../errors.js';
import { loadAddon, type NativeAddon, type NativeFeatureConfig, nativeConfig } from '../../native/index.js';
import { type FeatureConfig, frameGrid } from '../../spec/index.js';
import type { OnnxBuilder } from '../builder.js';
import { bandBins, writeBands } from './bands.js';
import { isPrepared, writePrepared } from './frames.js';
import { writeSegment } from './framing.js';
import { writeZeroAs } from './levels.js';
import { spectrumBins, writeSpectrum } from './spectra.js';
import { turn, writeTransform } from './transform.js';
import { type Bins, planTransform, windowFactors } from './transform-plan.js';
import type { Whole } from './whole.js';

/** Features of a batch of recordings. */
export interface Features {
  /** `[batch, frame, feature]`; a complex spectrum as re, im of each bin side by side. */
  readonly name: string;
  /** int64 `[1]`: how many frames count. Where none does, as the recordings are too short, there is one all the same. */
  readonly nFrames: Whole;
}

/**
 * Writes the features of recordings: the same numbers as `createPlan(config).process` gives, within the rounding of
 * float32 sums (power within 1e-4 of the frame's peak; within 60 dB of it log-mel to 1e-3 dB and bins to 3e-3 dB).
 *
 * @param pcm name of a value `[batch, samples]`, float32 in [-1, 1), samples at the config's rate, all items as long
 * @throws ExportError `ERR_EXPORT` for `dither`: ONNX has no noise of a seed that is the same everywhere
 */
export function writeFrontEnd(builder: OnnxBuilder, config: FeatureConfig, pcm: string): Features {
  refuseDither(config);
  const addon = loadAddon();
  const native = nativeConfig(config);
  const weights = config.kind === 'stft' ? null : addon.melFilterbank(native);
  const bins = config.kind === 'stft' ? spectrumBins(config, native) : bandBins(native, weights!);
  const { centred, nFrames, spectra } = writeSpectra(builder, addon, config, native, bins, pcm);
  const rows =
    config.kind === 'stft'
      ? writeSpectrum(builder, config, native, { spectra, bins, centred })
      : writeBands(builder, addon, config, native, { spectra, bins, weights: weights!, centred });
  return { name: turn(builder, 'front_end/features', rows, [0, 2, 1]), nFrames };
}

/** Each item divided by its largest magnitude; silence stays silence. */
export function writePeakNormalised(builder: OnnxBuilder, pcm: string): string {
  const magnitude = builder.op('Abs', 'front_end/sample_magnitudes', [pcm]);
  const peak = builder.reduce('ReduceMax', 'front_end/peak', magnitude, [1], { keep: true });
  return builder.op('Div', 'front_end/at_peak', [pcm, writeZeroAs(builder, 'front_end/peak', peak, 1)]);
}

function writeSpectra(
  builder: OnnxBuilder,
  addon: NativeAddon,
  config: FeatureConfig,
  native: NativeFeatureConfig,
  bins: Bins,
  pcm: string,
) {
  const grid = frameGrid(config);
  const plan = planTransform(native, windowFactors(addon, native), bins);
  const { samples: segment, nFrames } = writeSegment(builder, pcm, {
    config: native,
    start: grid.offset + plan.offset,
    length: isPrepared(native) ? native.winLength : plan.fine * plan.taps,
    extra: config.kind === 'stft' && config.tail === 'exclusive' ? 1 : 0,
    minSamples: grid.minSamples,
  });
  const prepared = isPrepared(native) ? writePrepared(builder, segment, native) : null;
  const spectra = writeTransform(builder, { segment, prepared }, plan, bins);
  return { centred: prepared?.centred ?? null, nFrames, spectra };
}

function refuseDither({ dither = 0 }: FeatureConfig): void {
  if (dither === 0) return;
  const expected = '0 inside a model: ONNX has no noise that a seed makes the same everywhere';
  throw new ExportError('ERR_EXPORT', mustBe('dither', expected, dither), { option: 'dither' });
}
