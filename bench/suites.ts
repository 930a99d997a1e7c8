/** What a suite measures: its cases, and the processes that hold contestants for them. */
import { join } from 'node:path';
import type { Absent } from '../src/bench/index.js';
import { callCases } from './cases/calls.js';
import type { Case } from './cases/case.js';
import { featureCases } from './cases/features.js';
import { fftCases } from './cases/fft.js';
import { frontEndCases } from './cases/onnx-front-end.js';
import { seed2Case } from './cases/seed2.js';
import type { BenchOptions } from './options.js';
import { NEVER_HERE, type Peer, soundPeers, trainingPeers } from './peers.js';
import { testSignal, writeSignal } from './signal.js';
import { trainingCases } from './training/cases.js';
import { trainingModels } from './training/models.js';
import { writeTasks } from './training/tasks.js';

export interface SuiteParts {
  readonly cases: readonly Case[];
  readonly peers: readonly Peer[];
  /** Who is known not to be here. */
  readonly absent: readonly Absent[];
}

export interface Place {
  /** For what is handed to other processes and back. */
  readonly folder: string;
  /** To which everything is bound; null where nothing is. */
  readonly processor: number | null;
  /** All that could be used. */
  readonly allowed: readonly number[];
}

export function suiteParts(options: BenchOptions, place: Place): SuiteParts {
  const parts =
    options.audioSec === null ? trainingSuite(options, place) : soundSuite(options, place, options.audioSec);
  const { only } = options;
  return { ...parts, cases: parts.cases.filter((each) => only.length === 0 || only.includes(each.id)) };
}

/** Python libraries have nothing to say about calls, formats, streams and windows of ours. */
function soundSuite({ suite }: BenchOptions, { folder }: Place, audioSec: number): SuiteParts {
  const samples = testSignal(audioSec);
  const signalPath = join(folder, 'signal.f32');
  writeSignal(signalPath, samples);
  const cases = [
    ...[...featureCases(samples), ...fftCases()],
    ...(suite === 'dsp' ? [] : [seed2Case(samples)]),
    ...(suite === 'peers' ? [] : [...callCases(samples), ...frontEndCases(samples)]),
  ];
  return { cases, peers: soundPeers(suite, { signalPath, folder }), absent: NEVER_HERE };
}

/** The process that has the roofline wants a signal, whatever it is asked for. */
const ROOFLINE_SIGNAL_SEC = 10;

function trainingSuite({ clock }: BenchOptions, { folder, processor, allowed }: Place): SuiteParts {
  const signalPath = join(folder, 'signal.f32');
  writeSignal(signalPath, testSignal(ROOFLINE_SIGNAL_SEC));
  writeTasks(folder, trainingModels());
  const other = allowed.find((each) => each !== processor);
  const two = processor === null || other === undefined ? null : [processor, other];
  const lack = two === null ? 'no two processors to bind to' : null;
  const twice = clock === 'cpu' ? 'the processor clock counts the time of both threads' : null;
  return {
    cases: trainingCases({ noThreads: lack ?? twice }),
    peers: trainingPeers({ signalPath, folder }, two),
    absent: [],
  };
}
