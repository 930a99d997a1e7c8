/** Which processes hold the contestants that are not ours, and how they are started. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Absent, type PeerCommand, PeerProcess } from '../src/bench/index.js';
import { PLAIN } from './bulk/plain.js';
import type { Suite } from './options.js';
import { TFJS_BACKENDS } from './training/tfjs.js';

const ROOT = process.cwd();
const FOLDER = process.env.COCHLEA_BENCH_PEERS ?? join(ROOT, '.cache', 'peers');
const CPP = join(ROOT, 'build-bench', 'bench', 'native', 'cochlea_bench');
const PYTHON = join(FOLDER, 'python', 'bin', 'python');
const TRAINING_PYTHON = join(FOLDER, 'training', 'bin', 'python');
const PYTHON_MAIN = join(ROOT, 'bench', 'peers', 'python', 'main.py');
const TRAINING_MAIN = join(ROOT, 'bench', 'training', 'process.mjs');
const LIBRARIES = [
  ...['torchaudio', 'torch', 'librosa', 'kaldi_native_fbank', 'audioflux', 'scipy', 'python_speech_features'],
];

/** One thread each, and whatever chooses a library's code for it left to the library. */
function environment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, ...env } = process.env;
  const threads = ['OMP', 'OPENBLAS', 'MKL', 'NUMBA', 'NUMEXPR', 'VECLIB_MAXIMUM'];
  return { ...env, ...Object.fromEntries(threads.map((library) => [`${library}_NUM_THREADS`, '1'])) };
}

export interface Peer extends PeerCommand {
  /** Must exist. */
  readonly needs: string;
  readonly hint: string;
  /** Whether there is nothing to measure without it. */
  readonly required?: boolean;
  /** Whether only its roofline is wanted: whom else it has or lacks does not matter. */
  readonly onlyRoofline?: boolean;
}

/** Where peers find what they are given, and leave what they found. */
export interface PeerFolders {
  readonly signalPath: string;
  readonly folder: string;
}

/** C++, npm and Python on a signal. */
export function soundPeers(suite: Suite, { signalPath, folder }: PeerFolders): Peer[] {
  const env = environment();
  const modules = join(FOLDER, 'npm');
  const npm: Peer = {
    ...{ name: 'npm', program: process.execPath, env, folder, needs: join(modules, 'node_modules') },
    args: [join(ROOT, 'bench', 'peers', 'npm', 'main.mjs'), modules, signalPath],
    hint: 'run bench/peers/setup npm',
  };
  const python = LIBRARIES.map((library) => pythonPeer(library, signalPath, folder, env));
  return [cppPeer({ signalPath, folder }), ...(suite === 'peers' ? [] : [npm]), ...(suite === 'dsp' ? [] : python)];
}

function pythonPeer(library: string, given: string, folder: string, env: NodeJS.ProcessEnv): Peer {
  return {
    ...{ name: `Python ${library}`, program: PYTHON, args: [PYTHON_MAIN, library, given], env, folder, needs: PYTHON },
    hint: 'run bench/peers/setup python',
  };
}

/**
 * What the bulk benches run beside us: plain C++ on the task in `folder`, Python libraries on the one in `pythonFolder`;
 * none of these where it is null.
 */
export function bulkPeers(folder: string, pythonFolder: string | null): Peer[] {
  const env = environment();
  const cpp: Peer = {
    ...{ name: 'C++', program: PLAIN, args: ['serve', join(folder, 'task.txt')], env, folder, needs: PLAIN },
    ...{ hint: 'cochlea_bulk is not built', required: true },
  };
  if (pythonFolder === null) return [cpp];
  const libraries = ['bulk_librosa', 'bulk_torchaudio', 'bulk_lhotse'];
  return [cpp, ...libraries.map((library) => pythonPeer(library, pythonFolder, folder, env))];
}

function cppPeer({ signalPath, folder }: PeerFolders): Peer {
  return {
    ...{ name: 'C++', program: CPP, args: [signalPath], env: environment(), folder, needs: CPP },
    hint: 'cochlea_bench is not built',
  };
}

/**
 * Ours, TensorFlow.js, PyTorch and Keras on the training tasks in `folder`; of C++ only the roofline.
 *
 * @param two processors for our two threads; null where there are not two, or nothing can be bound to them
 */
export function trainingPeers({ signalPath, folder }: PeerFolders, two: readonly number[] | null): Peer[] {
  const env = environment();
  const node = (name: string, part: string): Peer => ({
    ...{ name, program: process.execPath, args: [TRAINING_MAIN, part], env, folder },
    ...{ needs: TRAINING_MAIN, hint: 'bench/training/process.mjs is not there' },
  });
  const ours: Peer = { ...node('cochlea', 'cochlea'), required: true };
  const threads = two === null ? [] : [boundTo(two, node('cochlea on two processors', 'threads'))];
  const tfjs = Object.entries(TFJS_BACKENDS).map(([backend, name]) => node(name, backend));
  const python = ['torch', 'keras'].map(
    (library): Peer => ({
      ...{ name: `Python ${library}`, program: TRAINING_PYTHON, env, folder, needs: TRAINING_PYTHON },
      args: [PYTHON_MAIN, `training_${library}`, folder],
      hint: 'run bench/peers/setup training',
    }),
  );
  return [{ ...cppPeer({ signalPath, folder }), onlyRoofline: true }, ours, ...threads, ...tfjs, ...python];
}

/** Children inherit the one processor of the harness, unless they are given others. */
function boundTo(processors: readonly number[], peer: Peer): Peer {
  const args = ['--cpu-list', processors.join(','), peer.program, ...peer.args];
  return { ...peer, program: 'taskset', args };
}

/**
 * torchaudio 0.13, which PyPI has for Python up to 3.10 only: measured like the newest on 10 s clips, so it is named
 * and not looked for.
 */
export const NEVER_HERE: readonly Absent[] = [
  { name: 'torchaudio 0.13', reason: 'PyPI has no wheel of it for Python 3.11 and later' },
  { name: 'pffft, KFR and muFFT in C++', reason: 'no Debian package' },
];

export interface Started {
  readonly processes: readonly PeerProcess[];
  readonly versions: Readonly<Record<string, string>>;
  readonly absent: readonly Absent[];
}

/**
 * Starts what a suite needs; what cannot be started is absent by name.
 *
 * @throws Error of a required one that cannot be started
 */
export async function startPeers(peers: readonly Peer[]): Promise<Started> {
  const processes: PeerProcess[] = [];
  const versions: Record<string, string> = {};
  const absent: Absent[] = [];
  for (const peer of peers) {
    const started = await start(peer);
    if (!(started instanceof PeerProcess)) {
      absent.push(started);
      continue;
    }
    processes.push(started);
    if (peer.onlyRoofline) continue;
    Object.assign(versions, started.versions);
    absent.push(...started.absent);
  }
  return { processes, versions, absent };
}

async function start({ needs, hint, required = false, ...command }: Peer): Promise<PeerProcess | Absent> {
  const { name } = command;
  if (!existsSync(needs)) return { name, reason: hint };
  try {
    return await PeerProcess.start(command);
  } catch (error) {
    if (required) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return { name, reason: reason.split('\n').at(-1) ?? reason };
  }
}
