import type { FeatureConfig, FrameConfig } from './feature-config.js';
import { PRESET_RULES } from './presets.js';

/** Where the frames of a config lie, in samples: what the native `Framing` computes with. */
export interface FrameGrid {
  readonly frameRule: 'fit' | 'shifted' | 'cover';
  readonly windowFirst: boolean;
  /** Frames left out at the end. */
  readonly dropLast: 0 | 1;
  /** From sample 0 to the first sample of frame 0. */
  readonly offset: number;
  /** Samples of a frame. */
  readonly length: number;
  /** Samples in front of a frame that it depends on. */
  readonly history: 0 | 1;
  /** Zeros appended to the clip, and the length that it is cut or padded to (0 for neither). */
  readonly appendLength: number;
  readonly fixedLength: number;
  /** What a clip must have; a shorter one is refused. */
  readonly minSamples: number;
}

type Frames = FrameConfig & Pick<FeatureConfig, 'preset'>;

export function frameGrid(config: Frames): FrameGrid {
  const { nFft, winLength, hopLength, center, sampleRate } = config;
  const { frameRule, windowFirst, dropLast, preemphasisScope } = PRESET_RULES[config.preset];
  const shifted = config.snipEdges === false;
  const length = windowFirst ? winLength : nFft;
  const half = center ? Math.floor(nFft / 2) : 0;
  const appendLength = Math.round((config.padSec ?? 0) * sampleRate);
  const fixedLength = Math.round((config.trimOrPadToSec ?? 0) * sampleRate);
  return {
    frameRule: shifted ? 'shifted' : frameRule,
    windowFirst,
    dropLast,
    offset: shifted ? Math.floor(hopLength / 2) - Math.floor(winLength / 2) : -half,
    length,
    history: preemphasisScope === 'signal' && (config.preemphasis ?? 0) !== 0 ? 1 : 0,
    appendLength,
    fixedLength,
    minSamples: minSamples(config, length, fixedLength || appendLength),
  };
}

/** Kaldi gives no frame where none fits, and frames that are not full are filled up; otherwise a clip is too short. */
function minSamples(config: Frames, length: number, added: number): number {
  if (config.snipEdges !== undefined || PRESET_RULES[config.preset].frameRule === 'cover') return 1;
  if (!config.center) return length;
  const needed = config.padMode === 'reflect' ? Math.floor(config.nFft / 2) + 1 : 1;
  return Math.max(1, needed - added);
}

/** Whether frame t at `n` hops is frame `t·n` at one, and a clip has as many of them. Dither goes by t. */
export function isEvenGrid(config: Frames): boolean {
  const { frameRule, dropLast } = frameGrid(config);
  return frameRule === 'fit' && dropLast === 0 && (config.dither ?? 0) === 0;
}

/** First sample of frame `t`; negative before the signal. */
export function frameStart(grid: FrameGrid, hopLength: number, t: number): number {
  return t * hopLength + grid.offset;
}
