import { type AudioReader, FloatBuffer, openAudio } from '../audio/index.js';
import { mustBe, ParameterError } from '../errors.js';
import type { FeaturePlan } from '../features/index.js';
import { frameGrid, frameWidth, type Spec, wholeClipOption } from '../spec/index.js';

export interface RecordingFeatures {
  /** `[nFrames, width]` */
  readonly features: Float32Array;
  readonly nFrames: number;
  /** The recording's own, before resampling. */
  readonly sampleRate: number;
  readonly durationSec: number;
}

/** Longer recordings are never whole in memory: some four minutes at 16 kHz. */
const WHOLE_SAMPLES = 1 << 22;
/** Samples fed at a time otherwise. */
const BLOCK_SAMPLES = 1 << 17;

/**
 * Features of one recording as its spec says: its rate, its channel, its level.
 *
 * @throws AudioFormatError, ParameterError `ERR_TOO_SHORT`: reasons to leave this recording out
 */
export async function recordingFeatures(
  path: string,
  audio: Spec['audio'],
  plan: FeaturePlan,
): Promise<RecordingFeatures> {
  const { sampleRate: rate, channel, normalize } = audio;
  const reader = await openAudio(path, { sampleRate: rate, channel, normalize });
  try {
    const { features, nFrames } = await featuresOf(reader, plan);
    const { sampleRate, samplesRead } = reader.source;
    return { features, nFrames, sampleRate, durationSec: samplesRead / sampleRate };
  } finally {
    await reader.close();
  }
}

type Features = Pick<RecordingFeatures, 'features' | 'nFrames'>;

/** Whole or in blocks, the bits are the same; what is known to be short goes whole, as it lies in memory. */
async function featuresOf(reader: AudioReader, plan: FeaturePlan): Promise<Features> {
  const long = reader.nSamples === null || reader.nSamples > WHOLE_SAMPLES;
  if (long && wholeClipOption(plan.config) === null) return inBlocks(reader, plan);
  const pcm = await reader.readAll();
  const { data, nFrames } = plan.process(pcm);
  if (nFrames === 0) throw tooShort(plan, pcm.nSamples);
  return { features: data, nFrames };
}

function tooShort(plan: FeaturePlan, nSamples: number): ParameterError {
  const { length, minSamples } = frameGrid(plan.config);
  const expected = `at least ${Math.max(length, minSamples)} samples long`;
  return new ParameterError('ERR_TOO_SHORT', mustBe('samples', expected, nSamples));
}

async function inBlocks(reader: AudioReader, plan: FeaturePlan): Promise<Features> {
  const stream = plan.stream();
  const width = frameWidth(plan.config);
  const features = new FloatBuffer(plan.nFrames(reader.nSamples ?? 0) * width);
  for (let block = await reader.read(BLOCK_SAMPLES); block !== null; block = await reader.read(BLOCK_SAMPLES)) {
    features.push(stream.push(block).data);
  }
  features.push(stream.flush().data);
  if (features.length === 0) throw tooShort(plan, stream.nSamples);
  return { features: features.take(), nFrames: features.length / width };
}
