import { CochleaError, type ErrorDetails, errorFromCode, isErrorCode } from '../errors.js';
import type { NativeAddon, NativeFeatureConfig, NativeFeaturePlan, NativePcm } from './addon.js';

/** The same addon, whose functions and plans throw the classes of `errors.ts`. */
export function withCochleaErrors(addon: NativeAddon): NativeAddon {
  return Object.freeze({
    version: addon.version,
    numericVersion: addon.numericVersion,
    libraries: Object.freeze({ ...addon.libraries }),
    kernels: wrap(addon.kernels),
    parseWav: wrap(addon.parseWav),
    pcmToFloat: wrap(addon.pcmToFloat),
    firstNonFinite: wrap(addon.firstNonFinite),
    FeaturePlan: wrapPlan(addon.FeaturePlan),
    powerToDb: wrap(addon.powerToDb),
    dct: wrap(addon.dct),
    melFilterbank: wrap(addon.melFilterbank),
    window: wrap(addon.window),
    rfft: wrap(addon.rfft),
    gatherWindows: wrap(addon.gatherWindows),
    codecInfo: wrap(addon.codecInfo),
    codecDecode: wrap(addon.codecDecode),
    resample: wrap(addon.resample),
    codecEncode: wrap(addon.codecEncode),
  });
}

/** A native error carries `code`, `message` and `details`; anything else stays what it is. */
export function revive(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof CochleaError || !('code' in thrown)) return thrown;
  if (!isErrorCode(thrown.code)) return thrown;
  const details = 'details' in thrown ? (thrown.details as ErrorDetails) : {};
  return errorFromCode(thrown.code, thrown.message, details);
}

function wrap<Args extends unknown[], Result>(native: (...args: Args) => Result): (...args: Args) => Result {
  return (...args) => {
    try {
      return native(...args);
    } catch (thrown) {
      throw revive(thrown);
    }
  };
}

/** A subclass: its objects are the native ones, so a call costs one more frame and nothing is copied. */
function wrapPlan(NativePlan: NativeAddon['FeaturePlan']): NativeAddon['FeaturePlan'] {
  return class FeaturePlan extends NativePlan implements NativeFeaturePlan {
    constructor(config: NativeFeatureConfig) {
      try {
        super(config);
      } catch (thrown) {
        throw revive(thrown);
      }
    }

    override nFrames(nSamples: number): number {
      try {
        return super.nFrames(nSamples);
      } catch (thrown) {
        throw revive(thrown);
      }
    }

    override process(
      pcm: NativePcm,
      segmentStart: number,
      totalSamples: number,
      firstFrame: number,
      nFrames: number,
      out: Float32Array,
    ): void {
      try {
        super.process(pcm, segmentStart, totalSamples, firstFrame, nFrames, out);
      } catch (thrown) {
        throw revive(thrown);
      }
    }
  };
}
