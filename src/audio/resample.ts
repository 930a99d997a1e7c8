import { loadAddon } from '../native/index.js';
import type { PcmView } from '../types.js';
import { checkSampleRate, pcmView, toFloat, toInterleavedFloat } from './pcm.js';

/**
 * A recording at another sample rate, through libsoxr at "very high quality" (linear phase, delay removed).
 * The signal counts as silent before its start and after its end.
 *
 * @param sampleRate Hz
 * @returns float PCM of `ceil(nSamples · sampleRate / pcm.sampleRate)` samples; `pcm` itself where the rate is the same
 * @throws ParameterError `ERR_SAMPLE_RATE`
 */
export function resample(pcm: PcmView, sampleRate: number): PcmView {
  checkSampleRate('sampleRate', sampleRate);
  if (sampleRate === pcm.sampleRate) return pcm;
  const { channels } = pcm;
  if (channels === 1)
    return pcmView({ samples: resampleChannel(toInterleavedFloat(pcm), pcm, sampleRate), sampleRate });
  const first = resampleChannel(toFloat(pcm, 0), pcm, sampleRate);
  const samples = new Float32Array(first.length * channels);
  for (let channel = 0; channel < channels; channel++) {
    const one = channel === 0 ? first : resampleChannel(toFloat(pcm, channel), pcm, sampleRate);
    for (let i = 0; i < one.length; i++) samples[i * channels + channel] = one[i]!;
  }
  return pcmView({ samples, sampleRate, channels });
}

function resampleChannel(x: Float32Array, pcm: PcmView, sampleRate: number): Float32Array {
  const out = new Float32Array(Math.ceil((x.length * sampleRate) / pcm.sampleRate));
  const made = loadAddon().resample(x, pcm.sampleRate, sampleRate, out);
  return out.subarray(0, made);
}
