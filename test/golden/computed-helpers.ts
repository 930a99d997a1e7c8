/** The engine's result for a golden case of a helper. */
import {
  amplitudeToDb,
  type BoundaryRegions,
  boundaryRegions,
  cmvn,
  deltas,
  frames,
  goertzel,
  istft,
  mfcc,
  powerToDb,
  preemphasis,
  rms,
  slidingCmvn,
  spectralCentroid,
  spectralFlatness,
  spectralFlux,
  spectralRolloff,
  stft,
  zeroCrossingRate,
} from '../../src/features/index.js';
import { loadAddon, nativeConfig } from '../../src/native/index.js';
import { resolveFeatures } from '../../src/spec/index.js';
import type { Matrix } from '../../src/types.js';
import { signalOf } from './computed.js';
import { type GoldenCase, goldenInput } from './golden-data.js';

type Options = GoldenCase['options'];

function matrixOf(name: string | null): Matrix {
  const { data, shape } = goldenInput(name ?? '');
  if (!(data instanceof Float32Array)) throw new Error(`input must be a matrix, got ${name}`);
  return { data, shape };
}

function asLine(data: Float32Array | Int16Array): Matrix {
  if (!(data instanceof Float32Array)) throw new Error('samples must be floats');
  return { data, shape: [data.length] };
}

/** torchaudio's framing in words of the engine, where the preset itself is not what is tested. */
function framingOf({ preset, ...rest }: Options): Options {
  return preset === 'torchaudio' ? { padMode: 'reflect', ...rest } : rest;
}

/** With `center` the least window has no meaning, and is refused. */
function withoutMin({ minCmnWindow, ...options }: Options): Options {
  return options.center === true ? options : { ...options, minCmnWindow };
}

/** Spectra with bin k times 1 − k / nBins, so that a round trip is not enough, and back. */
function inverse(name: string | null, options: Options): Matrix {
  const signal = signalOf(name);
  const framing = framingOf(options);
  const spectra = stft(signal, framing);
  const nBins = spectra.shape[1] ?? 0;
  const data = spectra.data.map((value, i) => value * (1 - (Math.floor(i / 2) % nBins) / nBins));
  const { padMode: _padMode, ...inverseOptions } = framing;
  const o = { ...inverseOptions, sampleRate: signal.sampleRate, length: signal.samples.length };
  return asLine(istft({ data, shape: spectra.shape }, o).samples);
}

function windowTable(options: Options): Matrix {
  const frame = { kind: 'stft', nFft: options.winLength, hopLength: 1, sampleRate: 16_000 };
  return asLine(loadAddon().window(nativeConfig(resolveFeatures({ ...frame, ...options }))));
}

function cosineTransform(name: string | null, { nMfcc, dctNorm }: Options): Matrix {
  const { data, shape } = matrixOf(name);
  const [nRows = 0, width = 0] = shape;
  const found = new Float32Array(nRows * Number(nMfcc));
  loadAddon().dct(data, width, found, Number(nMfcc), dctNorm === 'ortho' ? 'ortho' : 'none', 0);
  return { data: found, shape: [nRows, Number(nMfcc)] };
}

/** From the recording on. */
function mfccDeltas({ input, options }: GoldenCase): Matrix {
  const { deltaWindow, deltaOrder, deltaMode, boundaries: _boundaries, unit: _unit, ...features } = options;
  const own: Options = { preset: features.preset, deltaWindow, deltaOrder, deltaMode };
  return deltas(mfcc(signalOf(input), features), own);
}

/** The rows of a case around its boundaries, whose frames are milliseconds. */
export function regionsOf({ kind, options }: GoldenCase, x: Matrix): BoundaryRegions {
  const pairs = options.boundaries as readonly (readonly [number, number])[];
  // Half a frame further, so that no rounding of the seconds decides.
  const at = pairs.map(([left, right]) => ({ endSec: (left + 0.5) / 1000, startSec: (right + 0.5) / 1000 }));
  return boundaryRegions(x, at, { values: kind === 'boundaryRegions' ? 'region' : 'difference' });
}

/** One row for each region. */
export function asRows({ data, shape }: Matrix): Matrix {
  const [nRows = 0, ...rest] = shape;
  return { data, shape: [nRows, rest.reduce((product, n) => product * n, 1)] };
}

const HELPERS: Readonly<Record<string, (each: GoldenCase) => Matrix>> = {
  deltas: ({ input, options }) => deltas(matrixOf(input), options),
  cmvn: ({ input, options }) => cmvn(matrixOf(input), options),
  slidingCmvn: ({ input, options }) => slidingCmvn(matrixOf(input), withoutMin(options)),
  powerToDb: ({ input, options }) => powerToDb(matrixOf(input), options),
  amplitudeToDb: ({ input, options }) => amplitudeToDb(matrixOf(input), options),
  preemphasis: ({ input, options }) => asLine(preemphasis(signalOf(input), options).samples),
  frames: ({ input, options }) => frames(signalOf(input), { winLength: 0, hopLength: 0, ...options }),
  rms: ({ input, options }) => rms(signalOf(input), options),
  zeroCrossingRate: ({ input, options }) => zeroCrossingRate(signalOf(input), options),
  goertzel: ({ input, options }) => goertzel(signalOf(input), { frequencyHz: -1, winLength: 0, ...options }),
  spectralCentroid: ({ input, options }) => spectralCentroid(signalOf(input), framingOf(options)),
  spectralRolloff: ({ input, options }) => spectralRolloff(signalOf(input), framingOf(options)),
  spectralFlatness: ({ input, options }) => spectralFlatness(signalOf(input), framingOf(options)),
  spectralFlux: ({ input, options }) => spectralFlux(signalOf(input), framingOf(options)),
  istft: ({ input, options }) => inverse(input, options),
  window: ({ options }) => windowTable(options),
  dct: ({ input, options }) => cosineTransform(input, options),
  mfccDeltas,
  boundaryRegions: (each) => asRows(regionsOf(each, mfccDeltas(each))),
  boundaryDifferences: (each) => asRows(regionsOf(each, mfccDeltas(each))),
};

export const HELPER_KINDS = Object.keys(HELPERS);

export function isHelperCase({ kind }: GoldenCase): boolean {
  return Object.hasOwn(HELPERS, kind);
}

/** @throws Error where the kind is no helper's */
export function computedHelper(each: GoldenCase): Matrix {
  const compute = HELPERS[each.kind];
  if (compute === undefined) throw new Error(`kind must be one of ${HELPER_KINDS.join(', ')}, got ${each.kind}`);
  return compute(each);
}
