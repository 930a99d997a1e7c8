import { CochleaError, type ErrorDetails, errorFromCode, isErrorCode } from '../errors.js';
import type { FileRange } from '../types.js';
import type {
  CodecInfo,
  NativeAddon,
  NativeAudioSource,
  NativeDecoder,
  NativeFeatureConfig,
  NativeFeaturePlan,
  NativeFrameSummary,
  NativePcm,
  NativeResampler,
} from './addon.js';
import type { ComputedClips, NativeClip, NativeClipReader, NativeClipSeries, NativeJournal } from './clips.js';
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

function wrapSummary(Native: NativeAddon['FrameSummary']): NativeAddon['FrameSummary'] {
  return class FrameSummary extends Native implements NativeFrameSummary {
    constructor(width: number) {
      try {
        super(width);
      } catch (thrown) {
        throw revive(thrown);
      }
    }

    override add(frames: Float32Array): void {
      reviving(() => super.add(frames));
    }
  };
}

function wrapDecoder(Native: NativeAddon['Decoder']): NativeAddon['Decoder'] {
  return class Decoder extends Native implements NativeDecoder {
    constructor(source: NativeAudioSource) {
      try {
        super(source);
      } catch (thrown) {
        throw revive(thrown);
      }
    }

    override info(): CodecInfo {
      return reviving(() => super.info());
    }

    override read(out: Float32Array): number {
      return reviving(() => super.read(out));
    }

    override skip(nSamples: number): number {
      return reviving(() => super.skip(nSamples));
    }
  };
}

function wrapResampler(Native: NativeAddon['Resampler']): NativeAddon['Resampler'] {
  return class Resampler extends Native implements NativeResampler {
    constructor(from: number, to: number) {
      try {
        super(from, to);
      } catch (thrown) {
        throw revive(thrown);
      }
    }

    override push(x: Float32Array, out: Float32Array): number {
      return reviving(() => super.push(x, out));
    }

    override finish(out: Float32Array): number {
      return reviving(() => super.finish(out));
    }
  };
}

function wrapClipReader(Native: NativeAddon['ClipReader']): NativeAddon['ClipReader'] {
  return class ClipReader extends Native implements NativeClipReader {
    constructor(sampleRate: number, memory: ArrayBuffer) {
      try {
        super(sampleRate, memory);
      } catch (thrown) {
        throw revive(thrown);
      }
    }

    override read(file: string | FileRange): NativeClip | null {
      return reviving(() => super.read(file));
    }

    override compute(series: NativeClipSeries, out: Float32Array): ComputedClips {
      return reviving(() => super.compute(series, out));
    }
  };
}

function wrapJournal(Native: NativeAddon['Journal']): NativeAddon['Journal'] {
  return class Journal extends Native implements NativeJournal {
    constructor(path: string, slot: number) {
      try {
        super(path, slot);
      } catch (thrown) {
        throw revive(thrown);
      }
    }

    override begin(shard: number, input: number): void {
      reviving(() => super.begin(shard, input));
    }

    override end(): void {
      reviving(() => super.end());
    }
  };
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
  for (const name of Object.getOwnPropertyNames(Native.prototype)) {
    const method: unknown = Reflect.get(Native.prototype, name);
    if (name === 'constructor' || typeof method !== 'function') continue;
    Reflect.defineProperty(TrainingProgram.prototype, name, {
      value(this: object, ...args: unknown[]): unknown {
        return reviving(() => Reflect.apply(method, this, args));
      },
    });
  }
  return TrainingProgram;
}
