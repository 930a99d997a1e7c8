import { AudioFormatError, mustBe, ParameterError } from '../errors.js';
import { loadAddon, type NativePcm } from '../native/index.js';
import type { ChannelChoice, PcmView, SampleFormat, Samples } from '../types.js';

const BYTES_PER_SAMPLE: Readonly<Record<SampleFormat, number>> = {
  u8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  f32: 4,
  f64: 8,
  alaw: 1,
  ulaw: 1,
};

/** Throws `ERR_SAMPLE_RATE` unless `rate` is a positive whole number of Hz. */
export function checkSampleRate(name: string, rate: number): void {
  if (Number.isSafeInteger(rate) && rate > 0) return;
  throw new ParameterError('ERR_SAMPLE_RATE', mustBe(name, 'a positive whole number of Hz', rate));
}

/** Bare samples or a view of PCM, as a checked view over the same memory. */
export function pcmView(input: Samples | PcmView): PcmView {
  checkSampleRate('sampleRate', input.sampleRate);
  const channels = input.channels ?? 1;
  if (!Number.isSafeInteger(channels) || channels < 1) {
    throw new ParameterError('ERR_SHAPE', mustBe('channels', 'a positive whole number', channels));
  }
  return 'bytes' in input ? checkedView(input) : overSamples(input, channels);
}

function overSamples({ samples, sampleRate }: Samples, channels: number): PcmView {
  if (samples.length % channels !== 0) {
    throw new ParameterError('ERR_SHAPE', mustBe('samples', `a multiple of ${channels} channels long`, samples.length));
  }
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const format = samples instanceof Float32Array ? 'f32' : 's16';
  return { bytes, format, channels, sampleRate, nSamples: samples.length / channels };
}

function checkedView(pcm: PcmView): PcmView {
  const needed = pcm.nSamples * pcm.channels * BYTES_PER_SAMPLE[pcm.format];
  if (pcm.bytes.byteLength >= needed) return pcm;
  const expected = `${needed} bytes or more (${pcm.nSamples} samples of ${pcm.channels} × ${pcm.format})`;
  throw new ParameterError('ERR_SHAPE', mustBe('bytes', expected, pcm.bytes.byteLength));
}

/** Samples `[first, first + nSamples)` of a view, over the same memory. */
export function slicePcm(pcm: PcmView, first: number, nSamples: number): PcmView {
  const step = pcm.channels * BYTES_PER_SAMPLE[pcm.format];
  return { ...pcm, nSamples, bytes: pcm.bytes.subarray(first * step, (first + nSamples) * step) };
}

function nativePcm(pcm: PcmView, channel: ChannelChoice): NativePcm {
  const { bytes, format, channels, nSamples } = pcm;
  return { bytes, format, channels, nSamples, channel: channel === 'mean' ? -1 : channel };
}

/**
 * One channel of a recording (or the mean of all) as floats in [-1, 1).
 *
 * @param pcm interleaved samples of any format
 * @param channel counted from 0, or `'mean'`
 * @returns `[nSamples]`; mono float PCM at an aligned address is not copied, so then the result shares its memory
 * @throws AudioFormatError `ERR_AUDIO_CHANNEL` where the recording does not have the channel
 */
export function toFloat(pcm: PcmView, channel: ChannelChoice): Float32Array {
  checkChannel(pcm, channel);
  return floats(pcm, channel);
}

/** All channels as interleaved floats, `[nSamples * channels]`; shares memory as `toFloat` does. */
export function toInterleavedFloat(pcm: PcmView): Float32Array {
  return floats({ ...pcm, channels: 1, nSamples: pcm.nSamples * pcm.channels }, 0);
}

function floats(pcm: PcmView, channel: ChannelChoice): Float32Array {
  const { bytes, nSamples } = pcm;
  const aligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0;
  if (pcm.format === 'f32' && pcm.channels === 1 && aligned) {
    return new Float32Array(bytes.buffer, bytes.byteOffset, nSamples);
  }
  const out = new Float32Array(nSamples);
  loadAddon().pcmToFloat(nativePcm(pcm, channel), 0, nSamples, out);
  return out;
}

/** Throws `ERR_AUDIO_CHANNEL` unless a recording of so many channels has this one. */
export function checkChannel(pcm: { readonly channels: number }, channel: ChannelChoice): void {
  if (channel === 'mean') return;
  if (Number.isSafeInteger(channel) && channel >= 0 && channel < pcm.channels) return;
  const expected = pcm.channels === 1 ? "0 or 'mean' (it is mono)" : `0 to ${pcm.channels - 1} or 'mean'`;
  throw new AudioFormatError('ERR_AUDIO_CHANNEL', mustBe('channel', expected, channel), { channels: pcm.channels });
}

/**
 * Refuses a recording with samples that are NaN or infinite. Integer formats are not even scanned.
 *
 * @param name what the message calls the recording
 * @param firstSample where in the recording `pcm` begins
 * @throws AudioFormatError `ERR_AUDIO_NOT_FINITE`; `details.sample` is the first such sample
 */
export function checkFinite(pcm: PcmView, name: string, firstSample = 0): void {
  if (pcm.format !== 'f32' && pcm.format !== 'f64') return;
  const index = loadAddon().firstNonFinite(nativePcm(pcm, 0));
  if (index < 0) return;
  const sample = firstSample + index;
  const message = `${name}: samples must be finite, got NaN or infinity at sample ${sample}`;
  throw new AudioFormatError('ERR_AUDIO_NOT_FINITE', message, { sample, sec: sample / pcm.sampleRate });
}
