/** W1, W2, W3 and W5: our plans in one call and clip by clip, and plain TypeScript; C++, npm and Python join by key. */
import { type Goal, timesAsFast, timesTheBest } from '../../src/bench/index.js';
import { LogMel, Mfcc, Stft } from '../../src/features/index.js';
import { featureLimit } from '../limits.js';
import { CHECK_SEC, durationOf, SAMPLE_RATE, secondsOf } from '../signal.js';
import { type Case, inProcess, REAL_TIME } from './case.js';
import { PlainFeatures } from './plain-features.js';
import { W1, W2, W3, W5, type Workload, widthOf } from './workloads.js';

const CLIP_SEC = 10;
/** Plain TypeScript runs at a few hundred times real time: longer signals tell no more of it. */
const PLAIN_SEC = 10;
/** One call and sixty are the same work; what is left is the noise of the measurement. */
const AS_FAST = 0.97;

/** Decibels and cepstra of noise and tones: float32 sums of a thousand terms, taken in other orders, stay within this. */
const DECIBELS = { atol: 0.01, rtol: 0 };
/** Power in bins between tones is small against the frame's energy, whose rounding it carries. */
const POWER = { atol: 1e-3, rtol: 1e-3 };

const NPM = ['pffft-wasm loop', 'fft.js loop', 'Meyda', 'essentia.js', 'transformers.js', 'tfjs signal.stft'];

/** The floors of the issue that asked for speed, as ratios within one run. */
function floors(fftw: number): Goal[] {
  return [
    timesAsFast('cochlea', 'FFTW loop', fftw),
    timesAsFast('cochlea', 'cochlea, 10 s clips', AS_FAST),
    timesAsFast('cochlea', 'torchaudio, 10 s clips', 6),
    timesAsFast('cochlea', 'torchaudio, one call', 15),
    timesTheBest('cochlea', ['librosa, 10 s clips', 'librosa, one call'], 10, 'librosa at its best'),
    timesAsFast('cochlea', 'kaldi-native-fbank C++, 10 s clips', 6),
    timesTheBest('cochlea', NPM, 16, 'the best npm peer'),
  ];
}

export function featureCases(samples: Float32Array): Case[] {
  return [
    featureCase(W1, samples, floors(2.2)),
    featureCase(W2, samples, floors(2.5)),
    featureCase(W3, samples, floors(2.5)),
    featureCase(W5, samples, [timesAsFast('cochlea', 'FFTW loop', 1)]),
  ];
}

/** HTK's scale without a norm: the other usual mel bands, Kaldi's and Meyda's among them. */
const HTK = { melScale: 'htk', melNorm: null } as const;

/** The plan of a workload. */
export function planOf(w: Workload, bands: typeof HTK | object = {}): LogMel | Mfcc | Stft {
  const { nFft, winLength, hopLength, center } = w;
  const frames = { sampleRate: SAMPLE_RATE, nFft, winLength, hopLength, center };
  if (w.nMels === 0) return new Stft({ ...frames, window: w.window, windowSymmetry: 'symmetric', power: 2 });
  const mels = { ...frames, ...bands, nMels: w.nMels, topDb: null };
  return w.nMfcc === 0 ? new LogMel(mels) : new Mfcc({ ...mels, nMfcc: w.nMfcc });
}

function featureCase(w: Workload, signal: Float32Array, goals: readonly Goal[]): Case {
  const samples = secondsOf(signal, w.longestSec);
  const check = secondsOf(samples, CHECK_SEC);
  const plan = planOf(w);
  const clip = { samples: check, sampleRate: SAMPLE_RATE };
  const result = () => plan.process(clip).data;
  const otherwise = () => (w.nMels === 0 ? [] : [planOf(w, HTK).process(clip).data]);
  const whole = { samples, sampleRate: SAMPLE_RATE };
  const out = new Float32Array(plan.nFrames(samples.length) * widthOf(w));
  const clips = clipsOf(samples);
  // As whoever collects them would have it, and as one call does: each to its own place.
  const clipSize = plan.nFrames(CLIP_SEC * SAMPLE_RATE) * widthOf(w);
  const clipOut = new Float32Array(clips.length * clipSize);
  const outputs = clips.map((_, i) => clipOut.subarray(i * clipSize, (i + 1) * clipSize));
  const contestants = [
    inProcess('cochlea', durationOf(samples), () => void plan.process(whole, out), result),
    ...(w.nMels === 0 ? [] : [plainContestant(w, samples)]),
  ];
  if (w.nMels > 0 && clips.length > 0) {
    const run = () => {
      clips.forEach((clip, i) => void plan.process(clip, outputs[i]));
    };
    contestants.splice(1, 0, inProcess('cochlea, 10 s clips', clips.length * CLIP_SEC, run, result));
  }
  return {
    id: w.id,
    key: w.id,
    title: `${w.title}, ${Math.round(durationOf(samples))} s`,
    unit: REAL_TIME,
    contestants,
    baselines: ['FFTW loop', 'plain TypeScript', 'cochlea'],
    check: { reference: 'cochlea', tolerance: w.nMels === 0 ? POWER : DECIBELS, width: widthOf(w), otherwise },
    limit: (roofline) => featureLimit(w, roofline),
    goals: () => goals,
  };
}

function clipsOf(samples: Float32Array) {
  const length = CLIP_SEC * SAMPLE_RATE;
  return Array.from({ length: Math.floor(samples.length / length) }, (_, i) => ({
    samples: samples.subarray(i * length, (i + 1) * length),
    sampleRate: SAMPLE_RATE,
  }));
}

function plainContestant(w: Workload, signal: Float32Array) {
  const plain = new PlainFeatures({ ...w, sampleRate: SAMPLE_RATE });
  const samples = secondsOf(signal, PLAIN_SEC);
  const run = () => void plain.process(samples);
  return inProcess('plain TypeScript', durationOf(samples), run, () => plain.process(secondsOf(signal, CHECK_SEC)));
}
