/** What a signal is measured by frame by frame, without a spectrum, and the frames themselves. */
import { mustBe, ParameterError } from '../errors.js';
import { loadAddon, type NativeAddon, type NativeFrameGrid, type NativePcm } from '../native/index.js';
import { OptionReader, WINDOW_NAMES, type WindowName } from '../spec/index.js';
import type { ChannelChoice, FeatureMatrix } from '../types.js';
import { matrixOnGrid } from './feature-matrix.js';
import { readSampleScale, type SampleScaleOption } from './sample-scale.js';
import { nativePcm, readChannel, refuseNonFinite, type Signal, viewOf } from './signal.js';

export interface FrameMeasureOptions {
  readonly preset?: 'librosa';
  /** Samples of a frame; default 2048. */
  readonly winLength?: number;
  /** Samples from frame to frame; default 512. */
  readonly hopLength?: number;
  /** Frame t is centred on sample `t * hopLength` (default); otherwise it starts there. */
  readonly center?: boolean;
  /** Default 0. */
  readonly channel?: ChannelChoice;
}

export interface FramesOptions extends SampleScaleOption {
  /** `librosa` (default): frames that fit. `python_speech_features`: up to the last sample, zeros after it. */
  readonly preset?: 'librosa' | 'python_speech_features';
  readonly winLength: number;
  readonly hopLength: number;
  readonly channel?: ChannelChoice;
}

export interface GoertzelOptions {
  /** The tone, from 0 to half the sample rate; need not lie on a bin. */
  readonly frequencyHz: number;
  /** Samples of a frame. */
  readonly winLength: number;
  /** Default `winLength`. */
  readonly hopLength?: number;
  /** Default `'rectangular'`. */
  readonly window?: WindowName;
  /** Default `'periodic'`. */
  readonly windowSymmetry?: 'periodic' | 'symmetric';
  /** Default false: frames that fit. */
  readonly center?: boolean;
  /** 2 (default) is |X|², 1 is |X|. */
  readonly power?: 1 | 2;
  readonly channel?: ChannelChoice;
}

/** Of `librosa.feature.rms` and `zero_crossing_rate`. */
const LIBROSA = { winLength: 2048, hopLength: 512, zeroThreshold: 1e-10 } as const;
/** Longest frame that the binding takes. */
const MAX_LENGTH = 2 ** 24;

interface Recording {
  readonly addon: NativeAddon;
  readonly pcm: NativePcm;
  readonly sampleRate: number;
}

function recordingOf(signal: Signal, read: OptionReader): Recording {
  const view = viewOf(signal);
  const addon = loadAddon();
  const pcm = nativePcm(view, readChannel(read));
  refuseNonFinite(addon, pcm);
  return { addon, pcm, sampleRate: view.sampleRate };
}

function readLength(read: OptionReader, name: 'winLength' | 'hopLength', fallback: number | undefined): number {
  return read.number(name, fallback, {
    code: name === 'hopLength' ? 'ERR_HOP_LENGTH' : 'ERR_WIN_LENGTH',
    expected: 'a whole number of samples from 1 to 2^24',
    accepts: (value) => Number.isInteger(value) && value >= 1 && value <= MAX_LENGTH,
  });
}

function framesThatFit({ addon, pcm }: Recording, grid: NativeFrameGrid): number {
  const nFrames = addon.frameCount(grid, pcm.nSamples);
  if (nFrames > 0) return nFrames;
  const needed = grid.center ? 1 : grid.winLength;
  const message = mustBe('samples', `at least ${needed} samples long`, pcm.nSamples);
  throw new ParameterError('ERR_TOO_SHORT', message, { needed });
}

/** One number per frame. */
function measure(
  recording: Recording,
  grid: NativeFrameGrid,
  native: (grid: NativeFrameGrid, pcm: NativePcm, out: Float32Array) => void,
): FeatureMatrix {
  const out = new Float32Array(framesThatFit(recording, grid));
  native(grid, recording.pcm, out);
  return matrixOnGrid(out, [out.length], { ...grid, nFft: grid.winLength, sampleRate: recording.sampleRate });
}

function readLibrosa(signal: Signal, options: FrameMeasureOptions, name: string): [Recording, NativeFrameGrid] {
  const read = new OptionReader(options, '');
  read.choice('preset', 'librosa', ['librosa']);
  const grid = {
    winLength: readLength(read, 'winLength', LIBROSA.winLength),
    hopLength: readLength(read, 'hopLength', LIBROSA.hopLength),
    center: read.choice('center', true, [true, false]),
  };
  const recording = recordingOf(signal, read);
  read.finish(name);
  return [recording, grid];
}

/**
 * Level of each frame: √(mean of x²), as librosa's `feature.rms`. Outside the signal stand zeros.
 *
 * @returns `[frame]`; when centred, `1 + floor(nSamples / hopLength)` for even `winLength`
 * @throws ParameterError `ERR_WIN_LENGTH`, `ERR_HOP_LENGTH`, `ERR_OPTION`, `ERR_UNKNOWN_OPTION`, `ERR_TOO_SHORT`;
 *   AudioFormatError `ERR_AUDIO_CHANNEL`, `ERR_AUDIO_NOT_FINITE`
 */
export function rms(signal: Signal, options: FrameMeasureOptions = {}): FeatureMatrix {
  const [recording, grid] = readLibrosa(signal, options, 'rms');
  return measure(recording, grid, (...rest) => recording.addon.rms(...rest));
}

/**
 * Changes of sign between neighbouring samples of a frame over its length, as librosa's `feature.zero_crossing_rate`:
 * magnitudes up to 1e-10 are positive zeros; outside the signal stands its first or last sample.
 *
 * @returns `[frame]`, from 0 to below 1
 * @throws as `rms`
 */
export function zeroCrossingRate(signal: Signal, options: FrameMeasureOptions = {}): FeatureMatrix {
  const [recording, grid] = readLibrosa(signal, options, 'zeroCrossingRate');
  return measure(recording, grid, (at, pcm, out) => {
    recording.addon.zeroCrossingRate(at, pcm, LIBROSA.zeroThreshold, out);
  });
}

/**
 * Power of one tone in each frame: |Σᵢ window[i]·x[t·hopLength + i]·e^(−2πi·frequencyHz/sampleRate)|². The frequency is
 * taken as it is, not rounded to a bin. What Goertzel's recurrence gives, computed as two products with the windowed
 * cosine and sine in double, whose error does not grow with the length.
 *
 * @returns `[frame]`
 * @throws as `rms`
 * @example goertzel(recording, { frequencyHz: 4000, winLength: 400, hopLength: 80 })
 */
export function goertzel(signal: Signal, options: GoertzelOptions): FeatureMatrix {
  const read = new OptionReader(options, '');
  const recording = recordingOf(signal, read);
  const nyquist = recording.sampleRate / 2;
  const frequencyHz = read.number('frequencyHz', undefined, {
    expected: `a frequency in Hz from 0 to sampleRate / 2 (${nyquist})`,
    accepts: (value) => value >= 0 && value <= nyquist,
  });
  const winLength = readLength(read, 'winLength', undefined);
  const grid = {
    winLength,
    hopLength: readLength(read, 'hopLength', winLength),
    center: read.choice('center', false, [true, false]),
  };
  const tone = {
    turns: frequencyHz / recording.sampleRate,
    window: read.choice('window', 'rectangular', WINDOW_NAMES),
    windowSymmetry: read.choice('windowSymmetry', 'periodic', ['periodic', 'symmetric']),
    power: read.choice('power', 2, [1, 2]),
  };
  read.finish('goertzel');
  return measure(recording, grid, (at, pcm, out) => recording.addon.goertzel(at, pcm, tone, out));
}

/**
 * The frames of a signal, not windowed. With `librosa` those that fit, `1 + floor((nSamples − winLength) / hopLength)`; with
 * `python_speech_features` one where `nSamples <= winLength` and otherwise `1 + ceil((nSamples − winLength) / hopLength)`,
 * on a 16-bit scale.
 *
 * @returns `[frame, sample]`
 * @throws as `rms`
 */
export function frames(signal: Signal, options: FramesOptions): FeatureMatrix {
  const read = new OptionReader(options, '');
  const preset = read.choice('preset', 'librosa', ['librosa', 'python_speech_features']);
  const scale = readSampleScale(read, preset === 'librosa' ? 'unit' : 'int16');
  const grid = {
    winLength: readLength(read, 'winLength', undefined),
    hopLength: readLength(read, 'hopLength', undefined),
    center: false,
  };
  const recording = recordingOf(signal, read);
  read.finish('frames');
  const past = Math.max(0, recording.pcm.nSamples - grid.winLength);
  const nFrames = preset === 'librosa' ? framesThatFit(recording, grid) : 1 + Math.ceil(past / grid.hopLength);
  const out = new Float32Array(nFrames * grid.winLength);
  recording.addon.frames(grid, recording.pcm, nFrames, scale, out);
  const place = { ...grid, nFft: grid.winLength, sampleRate: recording.sampleRate };
  return matrixOnGrid(out, [nFrames, grid.winLength], place);
}
