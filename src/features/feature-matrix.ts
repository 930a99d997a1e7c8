import { type FeatureConfig, frameShape } from '../spec/index.js';
import type { FeatureMatrix } from '../types.js';

/** The part of a config that places a frame in time. */
type FrameGrid = Pick<FeatureConfig, 'center' | 'hopLength' | 'nFft' | 'sampleRate'>;

/** Centre of frame `t` in seconds. */
export function frameTimeSec(grid: FrameGrid, t: number): number {
  const centre = t * grid.hopLength + (grid.center ? 0 : grid.nFft / 2);
  return centre / grid.sampleRate;
}

class FrameMajorMatrix implements FeatureMatrix {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  readonly nFrames: number;
  readonly #grid: FrameGrid;
  readonly #firstFrame: number;

  constructor(data: Float32Array, shape: readonly number[], nFrames: number, grid: FrameGrid, firstFrame: number) {
    this.data = data;
    this.shape = Object.freeze(shape);
    this.nFrames = nFrames;
    this.#grid = grid;
    this.#firstFrame = firstFrame;
  }

  frameTimeSec(t: number): number {
    return frameTimeSec(this.#grid, this.#firstFrame + t);
  }
}

export interface MatrixPlace {
  readonly nFrames: number;
  /** Dimensions before the frame axis: `[batch]`, `[channel]`. */
  readonly leading?: readonly number[];
  /** Number of the first row among the recording's frames. */
  readonly firstFrame?: number;
}

/** Numbers on a grid of frames of their own: `[frame, …]`, not copied. */
export function matrixOnGrid(data: Float32Array, shape: readonly number[], grid: FrameGrid): FeatureMatrix {
  return new FrameMajorMatrix(data, shape, shape[0]!, grid, 0);
}

/** Wraps features as they lie in memory; `data` is not copied. */
export function featureMatrix(data: Float32Array, config: FeatureConfig, place: MatrixPlace): FeatureMatrix {
  const { nFrames, leading = [], firstFrame = 0 } = place;
  return new FrameMajorMatrix(data, [...leading, nFrames, ...frameShape(config)], nFrames, config, firstFrame);
}
