/** What surrounds the kernels: the price of a call, of another sample format, of decibels, of streaming, of windows. */
import { type Goal, timesAsFast } from '../../src/bench/index.js';
import { LogMel, MelSpectrogram, Stft, windows } from '../../src/features/index.js';
import { loadAddon } from '../../src/native/index.js';
import { CHECK_SEC, durationOf, SAMPLE_RATE, secondsOf } from '../signal.js';
import { type Case, inProcess, REAL_TIME } from './case.js';
import { planOf } from './features.js';
import { W1, W2, widthOf } from './workloads.js';

const SAME = { atol: 0, rtol: 0 };
/** As `kTinyFrame` in bench/native/core_contestants.cc. */
const TINY_FRAME = 16;

export function callCases(samples: Float32Array): Case[] {
  const signal = secondsOf(samples, 60);
  return [tinyCall(samples), int16Case(signal), logShare(signal), streamingCase(signal), ...windowingCases(signal)];
}

/** A plan called for one frame of 16 samples, against the same from C++. */
function tinyCall(samples: Float32Array): Case {
  const plan = new Stft({
    sampleRate: SAMPLE_RATE,
    nFft: TINY_FRAME,
    hopLength: TINY_FRAME,
    center: false,
    window: 'rectangular',
    power: 2,
  });
  const signal = { samples: samples.subarray(0, TINY_FRAME), sampleRate: SAMPLE_RATE };
  const out = new Float32Array(TINY_FRAME / 2 + 1);
  const goal: Goal = {
    what: 'JavaScript around a call',
    unit: 'µs',
    atMost: 2,
    of: (figures) => {
      const here = figures('cochlea');
      const native = figures('cochlea C++');
      return here && native && (here.medianSec - native.medianSec) * 1e6;
    },
  };
  const run = () => void plan.process(signal, out);
  return {
    id: 'calls',
    key: 'calls',
    title: 'calls of a plan, one frame of 16 samples',
    unit: 'calls/s',
    contestants: [inProcess('cochlea', 1, run, () => plan.process(signal).data)],
    baselines: ['cochlea C++', 'cochlea'],
    check: { reference: 'cochlea', tolerance: SAME, width: out.length },
    goals: () => [goal],
  };
}

/** The same recording as 16-bit and as float samples; 16-bit values divide exactly, so results are the same. */
function int16Case(signal: Float32Array): Case {
  const plan = planOf(W1);
  const integers = Int16Array.from(signal, (x) => Math.round(x * 32767));
  const floats = Float32Array.from(integers, (x) => x / 32768);
  const out = new Float32Array(plan.nFrames(signal.length) * widthOf(W1));
  const contestant = (name: string, samples: Float32Array | Int16Array) => {
    const whole = { samples, sampleRate: SAMPLE_RATE };
    const check = { samples: samples.subarray(0, CHECK_SEC * SAMPLE_RATE), sampleRate: SAMPLE_RATE };
    const run = () => void plan.process(whole, out);
    return inProcess(name, durationOf(signal), run, () => plan.process(check).data);
  };
  return {
    id: 'int16',
    key: 'int16',
    title: 'W1 from 16-bit and from float samples',
    unit: REAL_TIME,
    contestants: [contestant('float', floats), contestant('int16', integers)],
    baselines: ['float'],
    check: { reference: 'float', tolerance: SAME, width: widthOf(W1) },
    // No slower, within the noise of the measurement.
    goals: () => [timesAsFast('int16', 'float', 0.97)],
  };
}

/** Log-mel against the mel spectrogram it is the logarithm of. */
function logShare(signal: Float32Array): Case {
  const { nFft, winLength, hopLength, center, nMels } = W1;
  const o = { sampleRate: SAMPLE_RATE, nFft, winLength, hopLength, center, nMels };
  const mel = new MelSpectrogram(o);
  const log = new LogMel({ ...o, topDb: null });
  const whole = { samples: signal, sampleRate: SAMPLE_RATE };
  const check = { samples: secondsOf(signal, CHECK_SEC), sampleRate: SAMPLE_RATE };
  const out = new Float32Array(log.nFrames(signal.length) * nMels);
  const decibels = () => mel.process(check).data.map((power) => 10 * Math.log10(Math.max(power, 1e-10)));
  const share: Goal = {
    what: 'share of logarithm and decibels',
    unit: '%',
    atMost: 10,
    of: (figures) => {
      const without = figures('melSpectrogram');
      const whole = figures('logMel');
      return without && whole && 100 * (1 - without.medianSec / whole.medianSec);
    },
  };
  return {
    id: 'log',
    key: 'log',
    title: 'W1 with and without logarithm',
    unit: REAL_TIME,
    contestants: [
      inProcess('melSpectrogram', durationOf(signal), () => void mel.process(whole, out), decibels),
      inProcess(
        'logMel',
        durationOf(signal),
        () => void log.process(whole, out),
        () => log.process(check).data,
      ),
    ],
    baselines: ['melSpectrogram'],
    // The logarithm of a float32 power in double against ours in float32: a few units in the last place of 100.
    check: { reference: 'logMel', tolerance: { atol: 1e-4, rtol: 0 }, width: nMels },
    goals: () => [share],
  };
}

/** The same frames from chunks as a sound card delivers them. */
function streamingCase(signal: Float32Array): Case {
  const plan = planOf(W2);
  const whole = { samples: signal, sampleRate: SAMPLE_RATE };
  const out = new Float32Array(plan.nFrames(signal.length) * widthOf(W2));
  const inChunks = (samples: Float32Array, chunk: number): Float32Array[] => {
    const stream = plan.stream();
    const parts: Float32Array[] = [];
    for (let at = 0; at < samples.length; at += chunk) parts.push(stream.push(samples.subarray(at, at + chunk)).data);
    parts.push(stream.flush().data);
    return parts;
  };
  const streamed = (name: string, ms: number) => {
    const chunk = (SAMPLE_RATE * ms) / 1000;
    const joined = () => Float32Array.from(inChunks(secondsOf(signal, CHECK_SEC), chunk).flatMap((each) => [...each]));
    return inProcess(name, durationOf(signal), () => void inChunks(signal, chunk), joined);
  };
  const check = { samples: secondsOf(signal, CHECK_SEC), sampleRate: SAMPLE_RATE };
  return {
    id: 'stream',
    key: 'stream',
    title: 'W2 as a stream',
    unit: REAL_TIME,
    contestants: [
      inProcess(
        'one call',
        durationOf(signal),
        () => void plan.process(whole, out),
        () => plan.process(check).data,
      ),
      streamed('chunks of 10 ms', 10),
      streamed('chunks of 100 ms', 100),
      streamed('chunks of 1 s', 1000),
    ],
    baselines: ['one call'],
    check: { reference: 'one call', tolerance: SAME, width: widthOf(W2) },
    goals: () => [],
  };
}

const FRAMES_PER_WINDOW = 5;

/** Windows of five frames, each one frame later, against copying as many bytes. */
function windowingCases(signal: Float32Array): Case[] {
  const frames = planOf(W1).process({ samples: signal, sampleRate: SAMPLE_RATE });
  const expected = windows(frames, { size: FRAMES_PER_WINDOW }).data;
  const gigabytes = expected.byteLength / 1e9;
  const batch = new Float32Array(expected.length);
  const addon = loadAddon();
  const starts = Int32Array.from({ length: frames.nFrames - FRAMES_PER_WINDOW + 1 }, (_, i) => i);
  const none = new Float32Array(0);
  const gather = () => {
    const rows = { source: frames.data, rowWidth: W1.nMels, size: FRAMES_PER_WINDOW, starts };
    addon.gatherWindows({ ...rows, padValue: 0, mean: none, scale: none }, batch);
  };
  const copy = () => batch.set(expected);
  const into = (run: () => void) => () => {
    batch.fill(0);
    run();
    return batch.slice();
  };
  const base = { id: 'windows' as const, unit: 'GB/s', baselines: ['copy of as many bytes'] };
  const check = { reference: 'copy of as many bytes', tolerance: SAME, width: FRAMES_PER_WINDOW * W1.nMels };
  return [
    {
      ...base,
      key: 'windows into a batch',
      title: 'windows of 5 × 64, into a given batch',
      contestants: [
        inProcess('copy of as many bytes', gigabytes, copy, into(copy)),
        inProcess('windows', gigabytes, gather, into(gather)),
      ],
      check,
      goals: () => [timesAsFast('windows', 'copy of as many bytes', 0.8)],
    },
    {
      ...base,
      key: 'windows made',
      title: 'windows of 5 × 64, made by windows()',
      contestants: [
        inProcess(
          'copy of as many bytes',
          gigabytes,
          () => void expected.slice(),
          () => expected.slice(),
        ),
        inProcess(
          'windows',
          gigabytes,
          () => void windows(frames, { size: FRAMES_PER_WINDOW }),
          () => windows(frames, { size: FRAMES_PER_WINDOW }).data,
        ),
      ],
      check,
      goals: () => [],
    },
  ];
}
