/** W6: 10 ms frames every millisecond, 13 cepstra and their deltas over two frames, as python_speech_features makes them. */
import { timesAsFast } from '../../src/bench/index.js';
import { ParameterError } from '../../src/errors.js';
import { Mfcc } from '../../src/features/index.js';
import { CHECK_SEC, durationOf, SAMPLE_RATE, secondsOf } from '../signal.js';
import { type Case, inProcess, REAL_TIME } from './case.js';

const PRESET = 'python_speech_features';
const OPTIONS = { sampleRate: SAMPLE_RATE, preset: PRESET, winLength: 160, hopLength: 16, nFft: 512, nMfcc: 13 };
/** One frame a millisecond: longer signals tell no more. */
const LONGEST_SEC = 60;
const WIDTH = 13;
/** Frames on each side of a delta. */
const REACH = 2;

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
  const plan = planOrNull();
  if (plan === null) return { ...base, contestants: [], skip: `this version has no preset ${PRESET}` };
  const signal = secondsOf(samples, LONGEST_SEC);
  const features = (part: Float32Array) => {
    const { data, nFrames } = plan.process({ samples: part, sampleRate: SAMPLE_RATE });
    return deltas(data, nFrames);
  };
  const result = () => features(secondsOf(signal, CHECK_SEC));
  return { ...base, contestants: [inProcess('cochlea', durationOf(signal), () => void features(signal), result)] };
}

function planOrNull(): Mfcc | null {
  try {
    // An options object of its own type: a version without the preset refuses the name at run time.
    return Reflect.construct(Mfcc, [OPTIONS]);
  } catch (error) {
    if (error instanceof ParameterError && error.code === 'ERR_OPTION' && error.message.includes('preset')) return null;
    throw error;
  }
}

/** delta[t] = Σₙ n · (x[t + n] − x[t − n]) / (2 Σₙ n²), n = 1 … 2, frames beyond the ends being the last ones. */
function deltas(x: Float32Array, nFrames: number): Float32Array {
  const out = new Float32Array(x.length);
  const row = (t: number) => Math.min(nFrames - 1, Math.max(0, t)) * WIDTH;
  for (let t = 0; t < nFrames; t += 1) {
    for (let c = 0; c < WIDTH; c += 1) {
      let sum = 0;
      for (let n = 1; n <= REACH; n += 1) sum += n * (x[row(t + n) + c]! - x[row(t - n) + c]!);
      out[t * WIDTH + c] = sum / 10;
    }
  }
  return out;
}
