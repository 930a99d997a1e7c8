import { CochleaError, type ErrorDetails, errorFromCode, isErrorCode } from '../errors.js';
import type { NativeAddon, NativeAudioSource, NativeFeatureConfig, NativeFeaturePlan, NativePcm } from './addon.js';
import type { NativeProgramSpec } from './training.js';

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
    maxAbs: wrap(addon.maxAbs),
    FeaturePlan: wrapPlan(addon.FeaturePlan),
    FrameSummary: wrapSummary(addon.FrameSummary),
    powerToDb: wrap(addon.powerToDb),
    maximum: wrap(addon.maximum),
    clampBelowMax: wrap(addon.clampBelowMax),
    normaliseEnergy: wrap(addon.normaliseEnergy),
    dct: wrap(addon.dct),
    melFilterbank: wrap(addon.melFilterbank),
    window: wrap(addon.window),
    rfft: wrap(addon.rfft),
    gatherWindows: wrap(addon.gatherWindows),
    TrainingProgram: wrapProgram(addon.TrainingProgram),
    deltas: wrap(addon.deltas),
    cmvn: wrap(addon.cmvn),
    slidingCmvn: wrap(addon.slidingCmvn),
    frameCount: wrap(addon.frameCount),
    frames: wrap(addon.frames),
    rms: wrap(addon.rms),
    zeroCrossingRate: wrap(addon.zeroCrossingRate),
    goertzel: wrap(addon.goertzel),
    preemphasis: wrap(addon.preemphasis),
    describeSpectra: wrap(addon.describeSpectra),
    amplitudeToDb: wrap(addon.amplitudeToDb),
    packSpectra: wrap(addon.packSpectra),
    pairDifferences: wrap(addon.pairDifferences),
    istft: wrap(addon.istft),
    codecInfo: wrap(addon.codecInfo),
    Decoder: wrapDecoder(addon.Decoder),
    Resampler: wrapResampler(addon.Resampler),
    codecEncode: wrap(addon.codecEncode),
    ClipReader: wrapClipReader(addon.ClipReader),
    Journal: wrapJournal(addon.Journal),
  });
}

/** A native error carries `code`, `message` and `details`; anything else stays what it is. */
export function revive(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof CochleaError || !('code' in thrown)) return thrown;
  if (!isErrorCode(thrown.code)) return thrown;
  const details = 'details' in thrown ? (thrown.details as ErrorDetails) : {};
  return errorFromCode(thrown.code, thrown.message, details);
}

/** What `native` gives, or what it throws as one of our classes. */
function reviving<Result>(native: () => Result): Result {
  try {
    return native();
  } catch (thrown) {
    throw revive(thrown);
  }
}

function wrap<Args extends unknown[], Result>(native: (...args: Args) => Result): (...args: Args) => Result {
  return (...args) => reviving(() => native(...args));
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
      return reviving(() => super.nFrames(nSamples));
    }

    override process(
      pcm: NativePcm,
      segmentStart: number,
      totalSamples: number,
      firstFrame: number,
      nFrames: number,
      out: Float32Array,
    ): void {
      reviving(() => super.process(pcm, segmentStart, totalSamples, firstFrame, nFrames, out));
    }

    override processClip(pcm: NativePcm, firstFrame: number, nFrames: number, out: Float32Array): number {
      // Called so often that a closure would tell.
      try {
        return super.processClip(pcm, firstFrame, nFrames, out);
      } catch (thrown) {
        throw revive(thrown);
      }
    }
  };
}

/** A subclass made by one of the functions below, whose methods throw our classes as its constructor does. */
function revivingMethods<Wrapped extends { readonly prototype: object }>(
  wrapped: Wrapped,
  native: { readonly prototype: object },
): Wrapped {
  for (const name of Object.getOwnPropertyNames(native.prototype)) {
    const method: unknown = Object.getOwnPropertyDescriptor(native.prototype, name)?.value;
    if (name === 'constructor' || typeof method !== 'function') continue;
    Reflect.defineProperty(wrapped.prototype, name, {
      value(this: object, ...args: unknown[]): unknown {
        return reviving(() => Reflect.apply(method, this, args));
      },
    });
  }
  return wrapped;
}

function wrapSummary(Native: NativeAddon['FrameSummary']): NativeAddon['FrameSummary'] {
  class FrameSummary extends Native {
    constructor(width: number) {
      try {
        super(width);
      } catch (thrown) {
        throw revive(thrown);
      }
    }
  }
  return revivingMethods(FrameSummary, Native);
}

function wrapDecoder(Native: NativeAddon['Decoder']): NativeAddon['Decoder'] {
  class Decoder extends Native {
    constructor(source: NativeAudioSource) {
      try {
        super(source);
      } catch (thrown) {
        throw revive(thrown);
      }
    }
  }
  return revivingMethods(Decoder, Native);
}

function wrapResampler(Native: NativeAddon['Resampler']): NativeAddon['Resampler'] {
  class Resampler extends Native {
    constructor(from: number, to: number) {
      try {
        super(from, to);
      } catch (thrown) {
        throw revive(thrown);
      }
    }
  }
  return revivingMethods(Resampler, Native);
}

function wrapClipReader(Native: NativeAddon['ClipReader']): NativeAddon['ClipReader'] {
  class ClipReader extends Native {
    constructor(sampleRate: number, memory: ArrayBuffer) {
      try {
        super(sampleRate, memory);
      } catch (thrown) {
        throw revive(thrown);
      }
    }
  }
  return revivingMethods(ClipReader, Native);
}

function wrapJournal(Native: NativeAddon['Journal']): NativeAddon['Journal'] {
  class Journal extends Native {
    constructor(path: string, slot: number) {
      try {
        super(path, slot);
      } catch (thrown) {
        throw revive(thrown);
      }
    }
  }
  return revivingMethods(Journal, Native);
}

function wrapProgram(Native: NativeAddon['TrainingProgram']): NativeAddon['TrainingProgram'] {
  class TrainingProgram extends Native {
    constructor(spec: NativeProgramSpec) {
      try {
        super(spec);
      } catch (thrown) {
        throw revive(thrown);
      }
    }
  }
  return revivingMethods(TrainingProgram, Native);
}
