/** W6: 10 ms frames every millisecond, 13 cepstra and their deltas over two frames, as python_speech_features makes them. */
import { timesAsFast } from '../../src/bench/index.js';
import { deltas, Mfcc } from '../../src/features/index.js';
import { CHECK_SEC, durationOf, SAMPLE_RATE, secondsOf } from '../signal.js';
import { type Case, inProcess, REAL_TIME } from './case.js';

const PRESET = 'python_speech_features';
const OPTIONS = {
  sampleRate: SAMPLE_RATE,
  preset: PRESET,
  winLength: 160,
  hopLength: 16,
  nFft: 512,
  nMfcc: 13,
} as const;
/** One frame a millisecond: longer signals tell no more. */
const LONGEST_SEC = 60;
const WIDTH = 13;

export function seed2Case(samples: Float32Array): Case {
  const base = {
    id: 'W6' as const,
    key: 'W6',
    title: 'W6 python_speech_features 160/16, 13 MFCC + delta',
    unit: REAL_TIME,
    baselines: [PRESET],
    check: { reference: PRESET, tolerance: { atol: 1e-3, rtol: 1e-3 }, width: WIDTH },
    goals: () => [timesAsFast('cochlea', PRESET, 10)],
  };
  const plan = new Mfcc(OPTIONS);
  const signal = secondsOf(samples, LONGEST_SEC);
  const features = (part: Float32Array) =>
    deltas(plan.process({ samples: part, sampleRate: SAMPLE_RATE }), { preset: PRESET }).data;
  const result = () => features(secondsOf(signal, CHECK_SEC));
  return { ...base, contestants: [inProcess('cochlea', durationOf(signal), () => void features(signal), result)] };
}
