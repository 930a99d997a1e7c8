/** The front-end inside an ONNX model: with each transform there is, against native features outside. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import {
  type Clock,
  type Contestant,
  type Goal,
  type Round,
  timesAsFast,
  timesTheBest,
} from '../../src/bench/index.js';
import { createPlan } from '../../src/features/index.js';
import { OnnxBuilder } from '../../src/onnx/builder.js';
import { frontEndToOnnx } from '../../src/onnx/index.js';
import { encodeModel } from '../../src/onnx/proto.js';
import { type FeatureConfig, type FeatureOptions, frameWidth, resolveFeatures } from '../../src/spec/index.js';
import { durationOf, SAMPLE_RATE, secondsOf } from '../signal.js';
import { type Case, REAL_TIME } from './case.js';
import { frontEndBy, TRANSFORMS } from './onnx-transforms.js';

const OUTSIDE = 'native features, then the model';
const INSIDE = 'inside, in two steps';

interface FrontEnd {
  readonly title: string;
  readonly options: FeatureOptions;
  /** Of a recording: the slowest way does some six times real time. */
  readonly seconds: number;
  /** |found − native|: as the tests of the front-end have it. */
  readonly tolerance: { readonly atol: number; readonly rtol: number };
}

const BEEPS = {
  kind: 'stft',
  nFft: 2400,
  window: 'blackman',
  center: false,
  power: 2,
  sampleRate: SAMPLE_RATE,
} as const;
/** Far below the frame's peak; within 60 dB of it they are ten times as close. */
const DECIBELS = { atol: 1e-2, rtol: 0 };
/** 1e-4 of the frame's peak, which is some 600. */
const POWER = { atol: 0.06, rtol: 0 };

const FRONT_ENDS: readonly FrontEnd[] = [
  {
    title: 'log-mel 1024/512, 64 mels',
    options: { kind: 'logMel', sampleRate: SAMPLE_RATE, nFft: 1024, hopLength: 512, nMels: 64, topDb: null },
    seconds: 10,
    tolerance: DECIBELS,
  },
  {
    title: 'Kaldi log-mel 400→512/160, 80 mels, mean kept',
    options: { kind: 'logMel', preset: 'kaldi', sampleRate: SAMPLE_RATE, nMels: 80, removeDcOffset: false },
    seconds: 10,
    tolerance: DECIBELS,
  },
  { title: 'power 2400/80', options: { ...BEEPS, hopLength: 80 }, seconds: 4, tolerance: POWER },
  {
    title: 'power 2400/1600, 2 to 6 kHz',
    options: { ...BEEPS, hopLength: 1600, fMin: 2000, fMax: 6000 },
    seconds: 10,
    tolerance: POWER,
  },
];

export function frontEndCases(samples: Float32Array): Case[] {
  return FRONT_ENDS.map((each) => frontEndCase(each, samples));
}

function frontEndCase({ title, options, seconds, tolerance }: FrontEnd, signal: Float32Array): Case {
  const config = resolveFeatures(options);
  const samples = secondsOf(signal, seconds);
  const others = TRANSFORMS.map((transform) =>
    contestant(`inside, ${transform}`, samples, () => ofModel(frontEndBy(transform, config), samples)),
  );
  return {
    id: 'onnx',
    key: `onnx ${title}`,
    title: `${title} inside an ONNX model, ${durationOf(samples)} s`,
    unit: REAL_TIME,
    contestants: [
      contestant(OUTSIDE, samples, () => outside(config, samples)),
      contestant(INSIDE, samples, () => ofModel(frontEndToOnnx(config), samples)),
      ...others,
    ],
    baselines: [OUTSIDE],
    check: { reference: OUTSIDE, tolerance, width: frameWidth(config) },
    goals: () => goals(),
  };
}

function goals(): Goal[] {
  const others = TRANSFORMS.map((transform) => `inside, ${transform}`);
  return [timesTheBest(INSIDE, others, 1, 'the best other transform'), timesAsFast(INSIDE, 'inside, STFT operator', 2)];
}

/** One way from samples to features. */
interface Way {
  readonly run: () => Promise<Float32Array>;
}

/** A contestant whose session is made when it is first asked for. */
function contestant(name: string, samples: Float32Array, make: () => Promise<Way>): Contestant {
  let made: Promise<Way> | null = null;
  const way = () => {
    made ??= make();
    return made;
  };
  return {
    name,
    work: durationOf(samples),
    result: async () => (await way()).run(),
    round: async (seconds, clock) => timeRounds((await way()).run, seconds, clock),
  };
}

async function ofModel(bytes: Uint8Array, samples: Float32Array): Promise<Way> {
  const session = await load(bytes);
  const pcm = await tensor(samples, [1, samples.length]);
  return { run: async () => featuresOf(await session.run({ pcm })) };
}

async function outside(config: FeatureConfig, samples: Float32Array): Promise<Way> {
  const session = await load(identity(frameWidth(config)));
  const plan = createPlan(config);
  const signal = { samples, sampleRate: config.sampleRate };
  const out = plan.process(signal).data;
  const shape = [1, out.length / frameWidth(config), frameWidth(config)];
  const pcm = await tensor(out, shape);
  return {
    run: async () => {
      plan.process(signal, out);
      return featuresOf(await session.run({ pcm }));
    },
  };
}

/** A model that takes features and gives them: what any model costs beside its work. */
function identity(width: number): Uint8Array {
  const builder = new OnnxBuilder(17);
  builder.op('Identity', 'features', ['pcm'], { output: 'features' });
  const shape = ['batch', 'frame', width];
  const inputs = [{ name: 'pcm', type: 'float32', shape }] as const;
  const outputs = [{ name: 'features', type: 'float32', shape }] as const;
  const graph = { name: 'identity', inputs, outputs, nodes: builder.nodes, constants: builder.constants };
  return encodeModel({ graph, opset: 17, producer: { name: 'bench', version: '0' }, metadata: {} });
}

async function load(bytes: Uint8Array): Promise<InferenceSession> {
  const { InferenceSession } = await import('onnxruntime-node');
  return InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
}

async function tensor(data: Float32Array, dims: readonly number[]): Promise<Tensor> {
  const { Tensor } = await import('onnxruntime-node');
  return new Tensor('float32', data, dims);
}

function featuresOf({ features }: InferenceSession.OnnxValueMapType): Float32Array {
  if (features?.data instanceof Float32Array) return features.data;
  throw new TypeError('features must be floats');
}

/** benchmark.js times what returns; a session's run is awaited. */
async function timeRounds(run: () => Promise<unknown>, seconds: number, clock: Clock): Promise<Round> {
  await run();
  const samples: number[] = [];
  const cpuSec = (since?: NodeJS.CpuUsage) => {
    const { user, system } = process.cpuUsage(since);
    return (user + system) / 1e6;
  };
  const began = process.cpuUsage();
  const start = performance.now();
  do {
    const before = clock === 'cpu' ? cpuSec() : performance.now() / 1e3;
    await run();
    samples.push((clock === 'cpu' ? cpuSec() : performance.now() / 1e3) - before);
  } while (performance.now() - start < seconds * 1e3);
  return { samples, wallSec: (performance.now() - start) / 1e3, cpuSec: cpuSec(began) };
}
