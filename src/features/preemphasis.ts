import { mustBe, ParameterError } from '../errors.js';
import { loadAddon } from '../native/index.js';
import { OptionReader } from '../spec/index.js';
import type { ChannelChoice, Samples } from '../types.js';
import { readSampleScale, type SampleScaleOption } from './sample-scale.js';
import { nativePcm, readChannel, refuseNonFinite, type Signal, viewOf } from './signal.js';

export interface PreemphasisOptions extends SampleScaleOption {
  /**
   * What the first sample becomes. `librosa` (default): 3·x[0] − x[1]; `python_speech_features`: x[0]; `kaldi` and `htk`,
   * which do this to every frame by itself: (1 − coefficient)·x[0].
   */
  readonly preset?: 'librosa' | 'kaldi' | 'python_speech_features' | 'htk';
  /** From 0 to 1; default .97. */
  readonly coefficient?: number;
  /** Default 0. */
  readonly channel?: ChannelChoice;
}

const PRESETS = ['librosa', 'kaldi', 'python_speech_features', 'htk'] as const;
/** Of all four originals. */
const COEFFICIENT = 0.97;
const STARTS = { librosa: 'extrapolate', kaldi: 'repeat', python_speech_features: 'zero', htk: 'repeat' } as const;

/**
 * Lifts high frequencies: y[i] = x[i] − coefficient·x[i − 1] over the whole signal.
 *
 * @param signal at least one sample, with `librosa` two
 * @returns one channel, as long as the signal; on a 16-bit scale where the preset's original computes on that
 * @throws ParameterError `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_TOO_SHORT`; AudioFormatError `ERR_AUDIO_CHANNEL`,
 *   `ERR_AUDIO_NOT_FINITE`
 */
export function preemphasis(signal: Signal, options: PreemphasisOptions = {}): Samples & { samples: Float32Array } {
  const read = new OptionReader(options, '');
  const preset = read.choice('preset', 'librosa', PRESETS);
  const coefficient = read.number('coefficient', COEFFICIENT, {
    expected: 'a number from 0 to 1',
    accepts: (value) => value >= 0 && value <= 1,
  });
  const scale = readSampleScale(read, preset === 'librosa' ? 'unit' : 'int16');
  const view = viewOf(signal);
  const pcm = nativePcm(view, readChannel(read));
  read.finish('preemphasis');
  if (pcm.nSamples === 0) throw new ParameterError('ERR_TOO_SHORT', mustBe('samples', 'at least 1 sample long', 0));
  const addon = loadAddon();
  refuseNonFinite(addon, pcm);
  const samples = new Float32Array(pcm.nSamples);
  addon.preemphasis(pcm, coefficient, STARTS[preset], scale, samples);
  return { samples, sampleRate: view.sampleRate };
}
