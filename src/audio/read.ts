import { AudioFormatError, CochleaError, mustBe, ParameterError } from '../errors.js';
import { loadAddon } from '../native/index.js';
import type { AudioInput, ChannelChoice, PcmView } from '../types.js';
import { naming } from './naming.js';
import { checkFinite, checkSampleRate, pcmView, slicePcm, toFloat } from './pcm.js';
import { resample } from './resample.js';
import { openSource, type Source } from './source.js';

export interface ReadOptions {
  /** Hz; the recording is resampled where it has another rate. Default: its own. */
  readonly sampleRate?: number;
  /** One channel, the mean of all, or `'all'` of them interleaved as they are. Default `'all'`. */
  readonly channel?: ChannelChoice | 'all';
  /** Where to start, in seconds, rounded to the nearest sample. Default 0. */
  readonly startSec?: number;
  /** How much to read at most, in seconds; a recording that ends earlier gives what it has. Default: all. */
  readonly durationSec?: number;
}

const OPTION_NAMES: ReadonlySet<string> = new Set(['sampleRate', 'channel', 'startSec', 'durationSec']);

/**
 * Reads a recording. WAV (PCM, float, A-law, µ-law) is a view over the file's own bytes, also when sliced; every other
 * format is decoded to floats. Only a choice of channel or another sample rate makes a copy.
 *
 * @param input a path, a `file:` URL, the bytes of a whole file, or samples with their rate
 * @returns PCM as it lies in memory, never empty, all of it finite
 * @throws AudioFormatError naming the recording: `ERR_AUDIO_READ`, `ERR_AUDIO_FORMAT`, `ERR_AUDIO_EMPTY`,
 *   `ERR_AUDIO_NOT_FINITE`, `ERR_AUDIO_CHANNEL`, `ERR_WAV_…`
 * @throws ParameterError `ERR_SAMPLE_RATE`, `ERR_OPTION`, `ERR_UNKNOWN_OPTION`
 * @example const pcm = await readAudio('fan.flac', { sampleRate: 16_000, channel: 'mean' })
 */
export async function readAudio(input: AudioInput, options: ReadOptions = {}): Promise<PcmView> {
  checkOptions(options);
  const source = await openSource(input);
  const pcm = naming(source.name, () => load(source, options));
  checkFinite(pcm, source.name.text);
  return naming(source.name, () => {
    const chosen = chooseChannel(pcm, options.channel ?? 'all');
    return options.sampleRate === undefined ? chosen : resample(chosen, options.sampleRate);
  });
}

/** `ERR_OPTION` and its relatives for options that can be judged without the recording. */
function checkOptions(options: ReadOptions): void {
  for (const name of Object.keys(options)) {
    if (OPTION_NAMES.has(name)) continue;
    const known = [...OPTION_NAMES].join(', ');
    throw new ParameterError('ERR_UNKNOWN_OPTION', mustBe('an option of readAudio', `one of ${known}`, name));
  }
  const { sampleRate, channel = 'all', startSec = 0, durationSec = 1 } = options;
  if (sampleRate !== undefined) checkSampleRate('sampleRate', sampleRate);
  if (channel !== 'all' && channel !== 'mean' && !(Number.isSafeInteger(channel) && channel >= 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('channel', "a number from 0, 'mean' or 'all'", channel));
  }
  if (!(Number.isFinite(startSec) && startSec >= 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('startSec', 'a number of seconds from 0', startSec));
  }
  if (!(Number.isFinite(durationSec) && durationSec > 0)) {
    throw new ParameterError('ERR_OPTION', mustBe('durationSec', 'a positive number of seconds', durationSec));
  }
}

function load(source: Source, options: ReadOptions): PcmView {
  switch (source.kind) {
    case 'pcm':
      return cut(source.pcm, options);
    case 'wav':
      return loadWav(source.bytes, options);
    case 'encoded':
      return decode(source.file, options);
  }
}

function loadWav(bytes: Uint8Array, options: ReadOptions): PcmView {
  const addon = loadAddon();
  try {
    const { dataOffset, dataBytes, format, channels, sampleRate, nSamples } = addon.parseWav(bytes);
    checkSampleRate('the sample rate in the header', sampleRate);
    const data = bytes.subarray(dataOffset, dataOffset + dataBytes);
    return cut({ bytes: data, format, channels, sampleRate, nSamples }, options);
  } catch (error) {
    // ADPCM, GSM and other encodings that a WAV file may hold are libsndfile's.
    if (error instanceof CochleaError && error.code === 'ERR_WAV_CODEC') return decode(bytes, options, error);
    throw error;
  }
}

function cut(pcm: PcmView, options: ReadOptions): PcmView {
  const { first, nSamples } = stretch(pcm, options);
  return nSamples === pcm.nSamples ? pcm : slicePcm(pcm, first, nSamples);
}

/** Which samples the options ask for. */
function stretch(from: { nSamples: number; sampleRate: number }, options: ReadOptions) {
  const { nSamples, sampleRate } = from;
  if (nSamples === 0) throw new AudioFormatError('ERR_AUDIO_EMPTY', 'has no samples');
  const first = Math.round((options.startSec ?? 0) * sampleRate);
  if (first >= nSamples) {
    const expected = `before the recording's end at ${nSamples / sampleRate} s`;
    throw new ParameterError('ERR_OPTION', mustBe('startSec', expected, options.startSec));
  }
  const asked = options.durationSec === undefined ? nSamples : Math.round(options.durationSec * sampleRate);
  if (asked === 0) {
    const expected = `at least one sample (${1 / sampleRate} s)`;
    throw new ParameterError('ERR_OPTION', mustBe('durationSec', expected, options.durationSec));
  }
  return { first, nSamples: Math.min(asked, nSamples - first) };
}

function decode(file: string | Uint8Array, options: ReadOptions, refusal?: unknown): PcmView {
  const addon = loadAddon();
  const info = describe(file, refusal);
  const { channels, sampleRate } = info;
  const { first, nSamples } = stretch(info, options);
  const samples = allocate(nSamples * channels);
  const got = addon.codecDecode(file, first, nSamples, samples);
  if (got < nSamples) {
    const there = `${first + got} of the ${info.nSamples} samples its header promises can be decoded`;
    throw new AudioFormatError('ERR_AUDIO_READ', `truncated: ${there}`, {
      promised: info.nSamples,
      found: first + got,
    });
  }
  return pcmView({ samples, sampleRate, channels });
}

/** For a WAV file that libsndfile does not open either, our own parser's reason says more; a truncated one it opened. */
function describe(file: string | Uint8Array, refusal: unknown) {
  try {
    return loadAddon().codecInfo(file);
  } catch (error) {
    const opened = error instanceof CochleaError && 'promised' in error.details;
    throw refusal === undefined || opened ? error : refusal;
  }
}

function allocate(length: number): Float32Array {
  try {
    return new Float32Array(length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AudioFormatError('ERR_AUDIO_READ', `promises ${length} values, more than memory holds`);
  }
}

function chooseChannel(pcm: PcmView, channel: ChannelChoice | 'all'): PcmView {
  const mono = pcm.channels === 1 && (channel === 0 || channel === 'mean');
  if (channel === 'all' || mono) return pcm;
  return pcmView({ samples: toFloat(pcm, channel), sampleRate: pcm.sampleRate });
}
