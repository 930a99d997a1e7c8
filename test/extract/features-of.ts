import { ClipReader } from '../../src/audio/index.js';
import { type FrameTarget, RecordingFeatures } from '../../src/extract/recording-features.js';
import type { FeaturePlan } from '../../src/features/index.js';
import { concatFloats } from '../../src/floats.js';
import type { Spec } from '../../src/spec/index.js';

interface Computed {
  readonly features: Float32Array;
  readonly nFrames: number;
  readonly sampleRate: number;
  readonly durationSec: number;
}

/** What extraction computes of one recording, in memory. */
export async function featuresOf(path: string, audio: Spec['audio'], plan: FeaturePlan): Promise<Computed> {
  const blocks: Float32Array[] = [];
  const target: FrameTarget = {
    whole: (numbers) => {
      blocks.push(new Float32Array(numbers));
      return blocks[0]!;
    },
    block: (frames) => void blocks.push(frames.slice()),
    scratch: () => {
      const kept: Float32Array[] = [];
      return { write: (frames) => void kept.push(frames.slice()), read: () => kept, remove: () => {} };
    },
  };
  const channel = audio.channel === 'all' ? 0 : audio.channel;
  const facts = await new RecordingFeatures(plan, audio, new ClipReader(audio.sampleRate)).compute(
    { input: path, channel },
    target,
  );
  return { ...facts, features: concatFloats(blocks) };
}
