/** Which processes hold the contestants that are not ours, and how they are started. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Absent, type PeerCommand, PeerProcess } from '../src/bench/index.js';
import type { Suite } from './options.js';

const ROOT = process.cwd();
const FOLDER = process.env.COCHLEA_BENCH_PEERS ?? join(ROOT, '.cache', 'peers');
const CPP = join(ROOT, 'build-bench', 'bench', 'native', 'cochlea_bench');
const PYTHON = join(FOLDER, 'python', 'bin', 'python');
const LIBRARIES = [
  ...['torchaudio', 'torch', 'librosa', 'kaldi_native_fbank', 'audioflux', 'scipy', 'python_speech_features'],
];

/** One thread each, and whatever chooses a library's code for it left to the library. */
function environment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, ...env } = process.env;
  const threads = ['OMP', 'OPENBLAS', 'MKL', 'NUMBA', 'NUMEXPR', 'VECLIB_MAXIMUM'];
  return { ...env, ...Object.fromEntries(threads.map((library) => [`${library}_NUM_THREADS`, '1'])) };
}

interface Peer extends PeerCommand {
  readonly suites: readonly Suite[];
  /** Must exist. */
  readonly needs: string;
  readonly hint: string;
}

function peersOf(signalPath: string, folder: string): Peer[] {
  const env = environment();
  const cpp: Peer = {
    ...{ name: 'C++', program: CPP, args: [signalPath], env, folder, needs: CPP },
    suites: ['all', 'dsp', 'peers'],
    hint: 'cochlea_bench is not built',
  };
  const modules = join(FOLDER, 'npm');
  const npm: Peer = {
    ...{ name: 'npm', program: process.execPath, env, folder, needs: join(modules, 'node_modules') },
    args: [join(ROOT, 'bench', 'peers', 'npm', 'main.mjs'), modules, signalPath],
    suites: ['all', 'dsp'],
    hint: 'run bench/peers/setup npm',
  };
  const python = LIBRARIES.map(
    (library): Peer => ({
      ...{ name: `Python ${library}`, program: PYTHON, env, folder, needs: PYTHON },
      args: [join(ROOT, 'bench', 'peers', 'python', 'main.py'), library, signalPath],
      suites: ['all', 'peers'],
      hint: 'run bench/peers/setup python',
    }),
  );
  return [cpp, npm, ...python];
}

/**
 * torchaudio 0.13, which PyPI has for Python up to 3.10 only: measured like the newest on 10 s clips, so it is named
 * and not looked for.
 */
const NEVER_HERE: readonly Absent[] = [
  { name: 'torchaudio 0.13', reason: 'PyPI has no wheel of it for Python 3.11 and later' },
  { name: 'pffft, KFR and muFFT in C++', reason: 'no Debian package' },
];

/** Starts what a suite needs; what cannot be started is absent by name. */
export async function startPeers(
  suite: Suite,
  signalPath: string,
  folder: string,
): Promise<{ processes: PeerProcess[]; absent: Absent[] }> {
  const processes: PeerProcess[] = [];
  const absent: Absent[] = [...NEVER_HERE];
  for (const { suites, needs, hint, ...command } of peersOf(signalPath, folder)) {
    if (!suites.includes(suite)) continue;
    if (!existsSync(needs)) {
      absent.push({ name: command.name, reason: hint });
      continue;
    }
    try {
      processes.push(await PeerProcess.start(command));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      absent.push({ name: command.name, reason: reason.split('\n').at(-1) ?? reason });
    }
  }
  return { processes, absent: [...absent, ...processes.flatMap((each) => each.absent)] };
}
