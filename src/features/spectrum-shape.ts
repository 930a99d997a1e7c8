/** One number per frame that says what its spectrum looks like. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { loadAddon, nativeConfig } from '../native/index.js';
import { resolveFeatures, type StftOptions } from '../spec/index.js';
import type { ChannelChoice, FeatureMatrix } from '../types.js';
import { matrixOnGrid } from './feature-matrix.js';
import { nativePcm, refuseNonFinite, type Signal, viewOf } from './signal.js';
import { refuseTooShort } from './signal-length.js';

type Framing = Pick<
  StftOptions,
  'preset' | 'nFft' | 'winLength' | 'hopLength' | 'window' | 'windowSymmetry' | 'center' | 'padMode'
>;

/** Framing as of `stft`; `hopLength` is 512 by default, as in librosa's features. */
export interface SpectrumShapeOptions extends Framing {
  /** Default 0. */
  readonly channel?: ChannelChoice;
}

export interface SpectralRolloffOptions extends SpectrumShapeOptions {
  /** Part of the whole, between 0 and 1; default .85. */
  readonly rollPercent?: number;
}

export interface SpectralFlatnessOptions extends SpectrumShapeOptions {
  /** Smaller powers count as this; default 1e-10. */
  readonly amin?: number;
}

const KEYS: OptionKeys<SpectrumShapeOptions> = {
  preset: true,
  nFft: true,
  winLength: true,
  hopLength: true,
  window: true,
  windowSymmetry: true,
  center: true,
  padMode: true,
  channel: true,
};

/** Of `librosa.feature.spectral_*`. */
const LIBROSA = { hopLength: 512, rollPercent: 0.85, amin: 1e-10 } as const;
/** The smallest normal float32. */
const SMALLEST = 2 ** -126;
/** Numbers of spectrum that are there at a time: 256 KiB, which a second-level cache holds. */
const BLOCK_NUMBERS = 1 << 16;

type Shape = 'centroid' | 'rolloff' | 'flatness' | 'flux';

function describe(signal: Signal, options: SpectrumShapeOptions, shape: Shape, parameter: number): FeatureMatrix {
  const { channel = 0, ...framing } = options;
  const view = viewOf(signal);
  const power = shape === 'flatness' ? 2 : 1;
  const config = resolveFeatures(
    { hopLength: LIBROSA.hopLength, ...framing, power },
    { kind: 'stft', sampleRate: view.sampleRate },
  );
  const addon = loadAddon();
  const pcm = nativePcm(view, channel);
  refuseNonFinite(addon, pcm);
  const plan = new addon.FeaturePlan(nativeConfig(config));
  refuseTooShort(config, pcm.nSamples, 'samples');
  const nFrames = plan.nFrames(pcm.nSamples);
  const out = new Float32Array(nFrames);
  // A rise needs the row before, so each block of flux begins with the last row of the block before it.
  const overlap = shape === 'flux' ? 1 : 0;
  const blockFrames = Math.min(nFrames, Math.max(1 + overlap, Math.floor(BLOCK_NUMBERS / plan.width)));
  const hzPerBin = config.sampleRate / config.nFft;
  const block = new Float32Array(blockFrames * plan.width);
  for (let first = 0; first + overlap < nFrames; first += blockFrames - overlap) {
    const count = Math.min(blockFrames, nFrames - first);
    const rows = block.subarray(0, count * plan.width);
    plan.process(pcm, 0, pcm.nSamples, first, count, rows);
    addon.describeSpectra(rows, plan.width, shape, parameter, hzPerBin, out.subarray(first + overlap, first + count));
  }
  return matrixOnGrid(out, [nFrames], config);
}

/**
 * Centre of gravity of the magnitudes in Hz: Σ f·|X| / Σ |X|, 0 of silence, as librosa's `feature.spectral_centroid`.
 *
 * @returns `[frame]`
 * @throws as `stft`
 */
export function spectralCentroid(signal: Signal, options: SpectrumShapeOptions = {}): FeatureMatrix {
  refuseUnknown(options, KEYS, 'spectralCentroid');
  return describe(signal, options, 'centroid', 0);
}

/**
 * Lowest frequency in Hz below which `rollPercent` of the sum of magnitudes lies, 0 of silence, as librosa's
 * `feature.spectral_rolloff`.
 *
 * @returns `[frame]`
 * @throws as `stft`
 */
export function spectralRolloff(signal: Signal, options: SpectralRolloffOptions = {}): FeatureMatrix {
  refuseUnknown(options, { ...KEYS, rollPercent: true }, 'spectralRolloff');
  const { rollPercent = LIBROSA.rollPercent, ...rest } = options;
  if (!(rollPercent > 0 && rollPercent < 1)) {
    throw new ParameterError('ERR_OPTION', mustBe('rollPercent', 'a number between 0 and 1', rollPercent));
  }
  return describe(signal, rest, 'rolloff', rollPercent);
}

/**
 * Geometric over arithmetic mean of max(|X|², amin), from 0 (a tone) to 1 (white noise, silence), as librosa's
 * `feature.spectral_flatness`.
 *
 * @returns `[frame]`
 * @throws as `stft`
 */
export function spectralFlatness(signal: Signal, options: SpectralFlatnessOptions = {}): FeatureMatrix {
  refuseUnknown(options, { ...KEYS, amin: true }, 'spectralFlatness');
  const { amin = LIBROSA.amin, ...rest } = options;
  if (!(amin >= SMALLEST && amin < Number.POSITIVE_INFINITY)) {
    throw new ParameterError('ERR_OPTION', mustBe('amin', 'a number from 2^-126', amin));
  }
  return describe(signal, rest, 'flatness', amin);
}

/**
 * How much louder the bins have become since the frame before: Σ max(0, |X[t]| − |X[t−1]|), 0 in frame 0 (Dixon 2006).
 *
 * @returns `[frame]`
 * @throws as `stft`
 */
export function spectralFlux(signal: Signal, options: SpectrumShapeOptions = {}): FeatureMatrix {
  refuseUnknown(options, KEYS, 'spectralFlux');
  return describe(signal, options, 'flux', 0);
}
