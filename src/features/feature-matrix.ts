import { type FeatureConfig, frameGrid, frameShape } from '../spec/index.js';
import type { FeatureMatrix } from '../types.js';

/** Centre of frame `t` in seconds. */
export function frameTimeSec(config: FeatureConfig, t: number): number {
  const { offset, length } = frameGrid(config);
  const centre = t * config.hopLength + (config.center ? 0 : offset + length / 2);
  return centre / config.sampleRate;
}

class FrameMajorMatrix implements FeatureMatrix {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  readonly nFrames: number;
  readonly frameTimeSec: (t: number) => number;

  constructor(data: Float32Array, shape: readonly number[], nFrames: number, timeSec: (t: number) => number) {
    this.data = data;
    this.shape = Object.freeze(shape);
    this.nFrames = nFrames;
    this.frameTimeSec = timeSec;
  }
}

export interface MatrixPlace {
  readonly nFrames: number;
  /** Dimensions before the frame axis: `[batch]`, `[channel]`. */
  readonly leading?: readonly number[];
  /** Number of the first row among the recording's frames. */
  readonly firstFrame?: number;
}

/** Frames of `nFft` samples every `hopLength`, centred on their hop or beginning there. */
type PlainGrid = Pick<FeatureConfig, 'center' | 'hopLength' | 'nFft' | 'sampleRate'>;

/** Numbers on a grid of frames of their own: `[frame, …]`, not copied. */
export function matrixOnGrid(data: Float32Array, shape: readonly number[], grid: PlainGrid): FeatureMatrix {
  const { center, hopLength, nFft, sampleRate } = grid;
  return new FrameMajorMatrix(
    data,
    shape,
    shape[0] ?? 0,
    (t) => (t * hopLength + (center ? 0 : nFft / 2)) / sampleRate,
  );
}

/** Wraps features as they lie in memory; `data` is not copied. */
export function featureMatrix(data: Float32Array, config: FeatureConfig, place: MatrixPlace): FeatureMatrix {
  const { nFrames, leading = [], firstFrame = 0 } = place;
  const shape = [...leading, nFrames, ...frameShape(config)];
  return new FrameMajorMatrix(data, shape, nFrames, (t) => frameTimeSec(config, firstFrame + t));
}
