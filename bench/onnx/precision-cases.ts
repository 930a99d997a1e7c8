/** Exported models with weights in fewer bits: how much smaller, how far from float32, how fast in onnxruntime-node. */
import * as ort from 'onnxruntime-node';
import type { Clock, Contest, Contestant, Goal, Round } from '../../src/bench/index.js';
import { initialiseWeights, type LayersModel, loadTf, modelToGraph, toneCnn } from '../../src/model/index.js';
import { graphToOnnx, PRECISIONS, type Precision, writePrecision } from '../../src/onnx/index.js';
import { noiseRows } from '../noise.js';
import { sizeOf, trainingModels } from '../training/models.js';

const BATCHES = [1, 64] as const;
/** Windows whose outputs are compared. */
const COMPARED = 512;
/** Standard deviation 1, as normalised features have it: uniform noise in [−1, 1) has 3^-0.5. */
const NOISE_SCALE = Math.sqrt(3);

interface PrecisionModel {
  readonly id: string;
  readonly title: string;
  /** Of one window. */
  readonly inputShape: readonly number[];
  readonly build: () => LayersModel;
  /** Of outputs of order 1, on `COMPARED` windows of noise. */
  readonly largest: Readonly<Record<Exclude<Precision, 'float32'>, number>>;
}

/** Larger than the seeds' models: here int8 computes in whole numbers. */
function wideDense(): LayersModel {
  const { layers, sequential } = loadTf();
  const widths = [512, 512, 64];
  const model = sequential({
    layers: widths.map((units, i) =>
      layers.dense({ units, ...(i < 2 && { activation: 'relu' }), ...(i === 0 && { inputShape: [640] }) }),
    ),
  });
  initialiseWeights(model, 1);
  return model;
}

const LARGEST: Readonly<Record<string, PrecisionModel['largest']>> = {
  M1: { float16: 5e-5, int8: 1e-3 },
  M2: { float16: 1e-3, int8: 2e-2 },
  M3: { float16: 5e-4, int8: 5e-3 },
};

export function precisionModels(): PrecisionModel[] {
  const ofTraining = trainingModels().flatMap(({ id, title, inputShape, build }) => {
    const largest = LARGEST[id];
    return largest === undefined ? [] : [{ id, title, inputShape, build, largest }];
  });
  return [
    ...ofTraining,
    {
      ...{ id: 'tone', title: 'tone network on 601 bins', inputShape: [601, 1] },
      ...{ build: () => toneCnn({ bins: 601, seed: 1 }), largest: { float16: 2e-4, int8: 5e-3 } },
    },
    {
      ...{ id: 'wide', title: 'dense 640-512-512-64', inputShape: [640], build: wideDense },
      largest: { float16: 3e-3, int8: 0.1 },
    },
  ];
}

/** A contest a batch; goals say size and largest difference, which are the same in each. */
export async function precisionContests(model: PrecisionModel): Promise<Contest[]> {
  const float32 = graphToOnnx(modelToGraph(model.build()));
  const files = new Map(PRECISIONS.map((precision) => [precision, writePrecision(float32, precision)]));
  const sessions = new Map<Precision, ort.InferenceSession>();
  for (const [precision, bytes] of files) {
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    sessions.set(precision, await ort.InferenceSession.create(bytes, options));
  }
  const goals = await goalsOf(model, files, sessions);
  return BATCHES.map((batch) => ({
    id: model.id,
    title: `${model.title}, batch ${batch}`,
    unit: 'windows/s',
    contestants: [...sessions].map(([name, session]) => contestant(name, session, model.inputShape, batch)),
    absent: [],
    baselines: ['float32'],
    goals: batch === BATCHES[0] ? goals : [],
  }));
}

async function goalsOf(
  { inputShape, largest }: PrecisionModel,
  files: ReadonlyMap<Precision, Uint8Array>,
  sessions: ReadonlyMap<Precision, ort.InferenceSession>,
): Promise<Goal[]> {
  const outputs = new Map<Precision, Float32Array>();
  for (const [precision, session] of sessions) outputs.set(precision, await scores(session, inputShape, COMPARED));
  const expected = outputs.get('float32')!;
  const bytes = files.get('float32')!.length;
  return (['float16', 'int8'] as const).flatMap((precision) => {
    const got = outputs.get(precision)!;
    const difference = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
    const size = files.get(precision)!.length / bytes;
    return [
      goal(`${precision}: size of ${bytes} bytes`, '×', size, precision === 'float16' ? 0.6 : 0.4),
      goal(`${precision}: largest difference of ${COMPARED} windows`, '', difference, largest[precision]),
    ];
  });
}

function goal(what: string, unit: string, value: number, atMost: number): Goal {
  return { what, unit, atMost, of: () => value };
}

function feedsOf(session: ort.InferenceSession, shape: readonly number[], batch: number) {
  const x = noiseRows(batch * sizeOf(shape)).map((value) => value * NOISE_SCALE);
  return { [session.inputNames[0]!]: new ort.Tensor('float32', x, [batch, ...shape]) };
}

async function scores(session: ort.InferenceSession, shape: readonly number[], batch: number): Promise<Float32Array> {
  const { [session.outputNames[0]!]: output } = await session.run(feedsOf(session, shape, batch));
  if (output?.data instanceof Float32Array) return output.data;
  throw new TypeError('scores must be floats');
}

function contestant(name: string, session: ort.InferenceSession, shape: readonly number[], batch: number): Contestant {
  const feeds = feedsOf(session, shape, batch);
  return {
    name,
    work: batch,
    result: () => scores(session, shape, batch),
    round: (seconds, clock) => timeRuns(() => session.run(feeds), seconds, clock),
  };
}

/** As benchmark.js makes samples, which cannot wait for a promise. */
const SAMPLE_SEC = 0.01;

async function timeRuns(run: () => Promise<unknown>, seconds: number, clock: Clock): Promise<Round> {
  const wall = () => performance.now() / 1e3;
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const now = clock === 'cpu' ? cpu : wall;
  const samples: number[] = [];
  await run();
  const [begin, cpuBegin] = [wall(), cpu()];
  // At least once, however long this process had to wait for the processor.
  do {
    const [from, fromWall] = [now(), wall()];
    let runs = 0;
    do {
      await run();
      runs += 1;
    } while (wall() - fromWall < SAMPLE_SEC);
    samples.push((now() - from) / runs);
  } while (wall() - begin < seconds);
  return { samples, wallSec: wall() - begin, cpuSec: cpu() - cpuBegin };
}
