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
  readonly #config: FeatureConfig;
  readonly #firstFrame: number;

  constructor(
    data: Float32Array,
    shape: readonly number[],
    nFrames: number,
    config: FeatureConfig,
    firstFrame: number,
  ) {
    this.data = data;
    this.shape = Object.freeze(shape);
    this.nFrames = nFrames;
    this.#config = config;
    this.#firstFrame = firstFrame;
  }

  frameTimeSec(t: number): number {
    return frameTimeSec(this.#config, this.#firstFrame + t);
  }
}

export interface MatrixPlace {
  readonly nFrames: number;
  /** Dimensions before the frame axis: `[batch]`, `[channel]`. */
  readonly leading?: readonly number[];
  /** Number of the first row among the recording's frames. */
  readonly firstFrame?: number;
}

/** Wraps features as they lie in memory; `data` is not copied. */
export function featureMatrix(data: Float32Array, config: FeatureConfig, place: MatrixPlace): FeatureMatrix {
  const { nFrames, leading = [], firstFrame = 0 } = place;
  return new FrameMajorMatrix(data, [...leading, nFrames, ...frameShape(config)], nFrames, config, firstFrame);
}
