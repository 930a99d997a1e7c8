/** Decibels to a PNG: one pixel per bin and bucket of frames, in a perceptual colour scale. */
import { encode } from 'fast-png';
import { scheme } from 'vega';
import { mustBe, ParameterError } from '../errors.js';

export interface SpectrogramData {
  /** dB, frame-major `[nFrames, nBins]`, lowest frequency first. */
  readonly db: Float32Array;
  readonly nFrames: number;
  readonly nBins: number;
}

export interface ImageLimits {
  /** Frames are merged by their maximum until at most this many columns are left. */
  readonly maxWidth: number;
  /** Bins likewise. */
  readonly maxHeight: number;
  /** Everything this far below the loudest is the darkest colour. */
  readonly rangeDb: number;
}

/** Steps of a decibel or two: finer ones cannot be seen and double the size of the file. */
const LEVELS = 64;
const PALETTE_NAME = 'inferno';
const ZLIB_LEVEL = 9;

/** @throws ParameterError `ERR_SHAPE` where `db` has not `nFrames · nBins` values */
export function spectrogramPng({ db, nFrames, nBins }: SpectrogramData, limits: ImageLimits): Uint8Array {
  if (nFrames < 1 || nBins < 1 || db.length !== nFrames * nBins) {
    throw new ParameterError('ERR_SHAPE', mustBe('db', `${nFrames} × ${nBins} values, at least one`, db.length));
  }
  const width = Math.min(nFrames, limits.maxWidth);
  const height = Math.min(nBins, limits.maxHeight);
  const loudest = new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY);
  for (let frame = 0; frame < nFrames; frame++) {
    const x = Math.floor((frame * width) / nFrames);
    for (let bin = 0; bin < nBins; bin++) {
      const y = height - 1 - Math.floor((bin * height) / nBins);
      const value = db[frame * nBins + bin]!;
      if (value > loudest[y * width + x]!) loudest[y * width + x] = value;
    }
  }
  const top = loudest.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const data = Uint8Array.from(loudest, (value) => {
    const level = Math.floor(((value - top) / limits.rangeDb + 1) * (LEVELS - 1) + 0.5);
    return Number.isFinite(level) ? Math.max(0, Math.min(LEVELS - 1, level)) : 0;
  });
  return encode({ width, height, data, depth: 8, channels: 1, palette: palette() }, { zlib: { level: ZLIB_LEVEL } });
}

function palette(): number[][] {
  const colourAt = scheme(PALETTE_NAME) as (fraction: number) => string;
  return Array.from({ length: LEVELS }, (_, level) => rgb(colourAt(level / (LEVELS - 1))));
}

/** `rgb(1, 2, 3)` or `#010203`. */
function rgb(colour: string): number[] {
  if (colour.startsWith('#')) return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}
