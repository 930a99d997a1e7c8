/** What a data set takes from its spec. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import {
  effectiveFeatures,
  featureHash,
  frameGrid,
  type Normalize,
  type Spec,
  type Windowing,
  type WindowStage,
} from '../spec/index.js';

/** Windowing as given; what is left out takes its default. */
export type WindowingInput = Partial<Windowing> & { readonly size: number };

/** Frame i was computed from the samples of `[startSec + i·stepSec, startSec + i·stepSec + spanSec)`. */
export interface FrameTiming {
  readonly startSec: number;
  readonly stepSec: number;
  readonly spanSec: number;
}

const WINDOWING_KEYS: OptionKeys<WindowingInput> = { size: true, stride: true, tail: true, padValue: true };
const TAILS: readonly string[] = ['drop', 'pad', 'partial'];

/** As given, else as the spec's first window stage says, else `null`. */
export function windowingOf(given: WindowingInput | undefined, spec: Spec | null): Windowing | null {
  if (given === undefined) return firstWindowStage(spec)?.windowing ?? null;
  refuseUnknown(given, WINDOWING_KEYS, 'windowing');
  const { size, stride = 1, tail = 'drop', padValue = 0 } = given;
  for (const [name, value] of Object.entries({ size, stride })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new ParameterError('ERR_OPTION', mustBe(`windowing.${name}`, 'a positive whole number', value));
  }
  if (!TAILS.includes(tail)) {
    throw new ParameterError('ERR_OPTION', mustBe('windowing.tail', '"drop", "pad" or "partial"', tail));
  }
  return { size, stride, tail, padValue };
}

export function normalizeOf(spec: Spec | null): Normalize | undefined {
  return firstWindowStage(spec)?.normalize;
}

/** Times of the frames that `extract` computes, decimation folded in; `null` where nobody knows. */
export function frameTiming(spec: Spec | null): FrameTiming | null {
  if (spec === null) return null;
  const { features } = effectiveFeatures(spec);
  const { sampleRate, hopLength, winLength, center } = features;
  const { offset, length } = frameGrid(features);
  const firstSample = (center ? 0 : offset + length / 2) - winLength / 2;
  return { startSec: firstSample / sampleRate, stepSec: hopLength / sampleRate, spanSec: winLength / sampleRate };
}

/** Two specs ask for the same features, whatever follows them. */
export function sameFeatures(a: Spec, b: Spec): boolean {
  const anyEngine = { numericVersion: 0, device: 'cpu' };
  return featureHash(a, anyEngine) === featureHash(b, anyEngine);
}

function firstWindowStage(spec: Spec | null): WindowStage | undefined {
  return spec?.stages.find((stage) => 'windowing' in stage);
}
