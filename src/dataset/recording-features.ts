import { readAudio, toFloat } from '../audio/index.js';
import type { FeaturePlan } from '../features/index.js';
import type { Spec } from '../spec/index.js';
import type { PcmView } from '../types.js';

export interface RecordingFeatures {
  /** `[nFrames, width]` */
  readonly features: Float32Array;
  readonly nFrames: number;
  /** The recording's own, before resampling. */
  readonly sampleRate: number;
  readonly durationSec: number;
}

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
  const pcm = await readAudio(path);
  const { sampleRate, nSamples } = pcm;
  const prepared = await prepare(pcm, audio);
  const { data, nFrames } = plan.process(prepared.pcm, { channel: prepared.channel });
  return { features: data, nFrames, sampleRate, durationSec: nSamples / sampleRate };
}

/** Resampling and levelling work on floats; a recording that needs neither stays as it lies in memory. */
async function prepare(pcm: PcmView, audio: Spec['audio']): Promise<{ pcm: PcmView; channel: number | 'mean' }> {
  const { sampleRate, channel, normalize } = audio;
  if (pcm.sampleRate === sampleRate && normalize === 'none') return { pcm, channel };
  const mono = await readAudio(pcm, { channel, sampleRate });
  return { pcm: normalize === 'none' ? mono : await atPeak(mono), channel: 0 };
}

/** Scaled to a largest magnitude of 1; silence stays silence. */
async function atPeak(mono: PcmView): Promise<PcmView> {
  const samples = toFloat(mono, 0);
  let peak = 0;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i]!));
  if (peak === 0) return mono;
  const scale = 1 / peak;
  return readAudio({ samples: samples.map((x) => x * scale), sampleRate: mono.sampleRate });
}
