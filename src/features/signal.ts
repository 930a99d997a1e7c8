import { AudioFormatError, mustBe, ParameterError } from '../errors.js';
import type { NativeAddon, NativePcm } from '../native/index.js';
import type { OptionReader } from '../spec/index.js';
import type { ChannelChoice, PcmView, Samples } from '../types.js';

/** What a feature is computed from: a recording as it lies in memory, or bare samples with their rate. */
export type Signal = PcmView | Samples;

/** How the binding says "the mean of all channels". */
const MEAN_CHANNEL = -1;

/** Looks at samples as PCM bytes, without a copy, and refuses another rate than the features'. */
export function pcmOf(signal: Signal, sampleRate: number): PcmView {
  const pcm = viewOf(signal);
  if (pcm.sampleRate !== sampleRate) {
    const expected = `${sampleRate}, the rate these features are configured for`;
    throw new ParameterError('ERR_SAMPLE_RATE', mustBe('sampleRate', expected, pcm.sampleRate), {
      expected: sampleRate,
      got: pcm.sampleRate,
    });
  }
  return pcm;
}

/** Looks at samples as PCM bytes, at whatever rate they have. */
export function viewOf(signal: Signal): PcmView {
  if (typeof signal !== 'object' || signal === null || !('samples' in signal || 'bytes' in signal)) {
    throw new ParameterError('ERR_OPTION', mustBe('samples', 'a PcmView or { samples, sampleRate }', signal));
  }
  if (!('samples' in signal)) return signal;
  const { samples, sampleRate, channels = 1 } = signal;
  if (!(samples instanceof Float32Array) && !(samples instanceof Int16Array)) {
    throw new ParameterError('ERR_OPTION', mustBe('samples', 'a Float32Array or an Int16Array', samples));
  }
  if (!Number.isInteger(channels) || channels < 1 || samples.length % channels !== 0) {
    const expected = `a positive whole number that divides the ${samples.length} samples`;
    throw new ParameterError('ERR_SHAPE', mustBe('channels', expected, channels));
  }
  return {
    bytes: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
    format: samples instanceof Float32Array ? 'f32' : 's16',
    channels,
    sampleRate,
    nSamples: samples.length / channels,
  };
}

/** One channel (or the mean) of a view, as the binding takes it. */
export function nativePcm(pcm: PcmView, channel: ChannelChoice): NativePcm {
  if (channel !== 'mean' && !(Number.isInteger(channel) && channel >= 0 && channel < pcm.channels)) {
    const expected = `"mean", "all" or a channel from 0 to ${pcm.channels - 1}`;
    throw new AudioFormatError('ERR_AUDIO_CHANNEL', mustBe('channel', expected, channel), { channels: pcm.channels });
  }
  const { bytes, format, channels, nSamples } = pcm;
  return { bytes, format, channels, nSamples, channel: channel === 'mean' ? MEAN_CHANNEL : channel };
}

/** The option `channel` of a function that takes one channel; `nativePcm` checks that there is one. */
export function readChannel(read: OptionReader): ChannelChoice {
  return read.numberOr('channel', 0, 'mean', { expected: 'a channel counted from 0, or "mean"', accepts: () => true });
}

/** One NaN would silently spread over every frame that holds it, and become the floor in decibels. */
export function refuseNonFinite(addon: NativeAddon, pcm: NativePcm, firstSample = 0): void {
  const index = addon.firstNonFinite(pcm);
  if (index >= 0) throw notFinite(firstSample + index);
}

export function notFinite(sample: number): AudioFormatError {
  const message = mustBe(`sample ${sample}`, 'a finite number', 'NaN or infinity');
  return new AudioFormatError('ERR_AUDIO_NOT_FINITE', message, { sample });
}
