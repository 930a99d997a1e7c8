import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { loadAddon } from '../native/index.js';
import { OptionReader, resolveFeatures, type StftOptions } from '../spec/index.js';
import type { Matrix, Samples } from '../types.js';
import { rowsOf } from './matrix.js';

/** The options that the spectra were made with: defaults are those of `stft`. */
export interface IstftOptions
  extends Pick<StftOptions, 'preset' | 'winLength' | 'hopLength' | 'window' | 'windowSymmetry' | 'center'> {
  /** Samples per second of the signal. */
  readonly sampleRate: number;
  /** Default 2·(nBins − 1): an odd one has to be said. */
  readonly nFft?: number;
  /** Samples of the result: cut, or filled up with zeros. Default as far as whole frames reach. */
  readonly length?: number;
}

const KEYS: OptionKeys<IstftOptions> = {
  preset: true,
  winLength: true,
  hopLength: true,
  window: true,
  windowSymmetry: true,
  center: true,
  sampleRate: true,
  nFft: true,
  length: true,
};

/** 2^31 samples are 8 GiB, the longest Float32Array that everybody takes. */
const MAX_LENGTH = 2 ** 31;

/**
 * Signal of complex spectra, the inverse of `stft`: inverse frames times the window, added where they overlap, divided by
 * the sum of the squared windows, as librosa's `istft`. Where that sum is nearly zero (the ends without `center`), few
 * digits are left.
 *
 * @param spectra complex `[frame, bin, 2]` of one channel, all bins
 * @param options those of the `stft`; `length` gives back the ends that its frames do not fill
 * @returns one channel
 * @throws ParameterError `ERR_SHAPE`, `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_SAMPLE_RATE`, `ERR_N_FFT`,
 *   `ERR_WIN_LENGTH`, `ERR_HOP_LENGTH`
 * @example istft(stft(x, { nFft: 512 }), { nFft: 512, sampleRate: 16_000, length: x.samples.length })
 */
export function istft(spectra: Matrix, options: IstftOptions): Samples & { samples: Float32Array } {
  const { data, nRows, inner } = rowsOf(spectra);
  const [nBins, parts] = inner;
  if (inner.length !== 2 || nBins === undefined || parts !== 2) {
    throw new ParameterError('ERR_SHAPE', mustBe('shape', '[frame, bin, 2], a complex spectrum', spectra.shape));
  }
  refuseUnknown(options, KEYS, 'istft');
  const { length, ...framing } = options;
  const given = { nFft: Math.max(1, 2 * (nBins - 1)), ...framing };
  const config = resolveFeatures(given, { kind: 'stft' });
  const { nFft, hopLength, winLength, window, windowSymmetry, center, sampleRate } = config;
  if (nBins !== 1 + Math.floor(nFft / 2)) {
    const expected = `[frame, ${1 + Math.floor(nFft / 2)}, 2], all bins of nFft ${nFft}`;
    throw new ParameterError('ERR_SHAPE', mustBe('shape', expected, spectra.shape));
  }
  const cut = center ? 2 * Math.floor(nFft / 2) : 0;
  const whole = nRows === 0 ? 0 : Math.max(0, nFft + hopLength * (nRows - 1) - cut);
  const read = new OptionReader({ length }, '');
  const samples = new Float32Array(
    read.number('length', whole, {
      expected: 'a whole number of samples from 0 to 2^31',
      accepts: (value) => Number.isInteger(value) && value >= 0 && value <= MAX_LENGTH,
    }),
  );
  loadAddon().istft(data, { nFft, hopLength, winLength, window, windowSymmetry, center }, samples);
  return { samples, sampleRate };
}
