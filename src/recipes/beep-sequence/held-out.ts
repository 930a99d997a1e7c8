/** The bundle on recordings nobody has seen: sound in, alerts out. */
import { type EventMetrics, matchEvents, poolEventMetrics } from '../../evaluation/index.js';
import type { Detector } from '../../inference/index.js';
import type { DetectedEvent } from '../../types.js';
import type { BeepSequenceConfig } from './options.js';
import { SEQUENCE_LABEL } from './pipeline-spec.js';
import type { CorpusRecording } from './recordings.js';
import { watched } from './tone.js';

/** An alert belongs to a sequence whose first beep is at most this far from it. */
const ONSET_COLLAR_MS = 250;

export interface HeldOutRecording {
  readonly recording: CorpusRecording;
  readonly events: readonly DetectedEvent[];
  readonly metrics: EventMetrics;
}

export interface HeldOut {
  readonly recordings: readonly HeldOutRecording[];
  /** Over all of them. */
  readonly metrics: EventMetrics;
  /** Seconds of sound per second of detection. */
  readonly timesRealTime: number;
}

export async function detectHeldOut(
  detector: Detector,
  recordings: readonly CorpusRecording[],
  config: BeepSequenceConfig,
): Promise<HeldOut> {
  const found: HeldOutRecording[] = [];
  let detectionMs = 0;
  for (const recording of recordings) {
    const detection = await detector.detect(recording.path, watched(config, recording.name));
    detectionMs += detection.timingsMs.total ?? 0;
    const truth = recording.labels.filter(({ label }) => label === SEQUENCE_LABEL);
    const metrics = matchEvents(detection.events, truth, {
      collarMs: ONSET_COLLAR_MS,
      durationSec: recording.durationSec,
    });
    found.push({ recording, events: detection.events, metrics });
  }
  const audioSec = recordings.reduce((sum, { durationSec }) => sum + durationSec, 0);
  return {
    recordings: found,
    metrics: poolEventMetrics(found.map(({ metrics }) => metrics)),
    timesRealTime: audioSec / (detectionMs / 1000),
  };
}
