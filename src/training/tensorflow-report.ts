/** Whether TensorFlow works here, found out in a process of its own: what its libraries print, or a crash, stays there. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerUrl } from '../pool/index.js';
import type { Settings } from './tensorflow-settings.js';

export interface TensorflowReport {
  readonly package: string;
  readonly packageVersion: string;
  /** Version of TensorFlow itself; empty where it does not load. */
  readonly tensorflow: string;
  readonly usesGpu: boolean;
  /** What TensorFlow and the driver say of GPUs. */
  readonly gpuLog: readonly string[];
  /** Why it does not load or does not train; null where it does. */
  readonly failure: string | null;
}

/** What `tensorflow-report.worker.ts` prints. */
export type WorkerReport = Omit<TensorflowReport, 'gpuLog'> | null;

/** Of libraries of 850 MB on a cold disk, or 4 GB with CUDA's. */
const TIMEOUT_MS = 120_000;
/** Severity, date, thread, file and line, before each message of TensorFlow's log. */
const LOG_PREFIX = /^[IWEF]\d{4} [\d:.]+\s+\d+ \S+\] |^\d{4}-\d\d-\d\d [\d:.]+: [IWEF] \S+\] /;
const OF_A_GPU = /\b([Cc]uda|CUDA|cu[A-Z]\w+|gpu|GPU|nvidia|NVIDIA|driver)/;

/**
 * Loads the package that training would take and trains an LSTM for one step.
 *
 * @param settings variables of the environment that TensorFlow starts with
 * @returns null where no package is installed
 */
export async function tensorflowReport(settings: Settings = {}): Promise<TensorflowReport | null> {
  const worker = fileURLToPath(workerUrl('training/tensorflow-report.worker.js'));
  const { stdout, stderr, failure } = await runNode(worker, settings);
  const gpuLog = gpuLines(stderr);
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (failure === null || line.startsWith('{')) {
    const report: WorkerReport = JSON.parse(line);
    return report === null ? null : { ...report, gpuLog };
  }
  const unknown = { package: 'TensorFlow', packageVersion: '', tensorflow: '', usesGpu: false };
  return { ...unknown, gpuLog, failure: `${failure}: ${stderr.trimEnd().split('\n').at(-1) ?? ''}` };
}

/** The lines of TensorFlow's log that are about GPUs, without what stands before them. */
export function gpuLines(log: string): string[] {
  const lines = log.split('\n').filter((line) => LOG_PREFIX.test(line) && OF_A_GPU.test(line.replace(LOG_PREFIX, '')));
  return [...new Set(lines.map((line) => line.replace(LOG_PREFIX, '').trim()))];
}

function runNode(
  file: string,
  settings: Settings,
): Promise<{ stdout: string; stderr: string; failure: string | null }> {
  const env = { ...process.env, ...settings, TF_CPP_MIN_LOG_LEVEL: '0' };
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { env, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const failure = error === null ? null : `its process ended with ${error.signal ?? error.code}`;
      resolve({ stdout, stderr, failure });
    });
  });
}
