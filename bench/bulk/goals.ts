/** What the project asks of extraction in bulk, as ratios within one run on two processors. */
import { type Goal, timesAsFast } from '../../src/bench/index.js';

export const WORKERS = [1, 2] as const;
export const cochlea = (workers: number) => `cochlea, ${workers === 1 ? '1 worker' : `${workers} workers`}`;
export const threads = (n: number) => (n === 1 ? '1 thread' : `${n} threads`);
export const ON_DISK = 'cochlea on disk, 2 workers';
export const FSYNCED = 'fsynced writes on disk, 2 threads';

/** Of what computing and plain reading and writing take one after the other. */
const MOST_TIME = 1.25;
const TWO_WORKERS = 1.8;
const OF_DISK = 0.9;
const OF_DECODER = 0.9;
const OVER_LIBROSA = 8;
const MOST_MEMORY_MB = 600;
/** What ten times the corpus may add: lists of files grow, buffers do not. */
const SAME_MEMORY = 1.1;

/** Time against that of our core alone and of a plain C++ program that brings it the samples. */
function timeOver(program: string, workers: number): Goal {
  return {
    what: `time of ${cochlea(workers)} / (DSP alone + ${program})`,
    unit: '×',
    atMost: MOST_TIME,
    of: (figures) => {
      const ours = figures(cochlea(workers));
      const dsp = figures(`DSP alone, ${threads(workers)}`);
      const other = figures(`${program}, ${threads(workers)}`);
      return ours && dsp && other && 1 / ours.value / (1 / dsp.value + 1 / other.value);
    },
  };
}

/** Of stored samples: by one that reads and writes the same bytes. */
export const overLimit = (): Goal[] => WORKERS.map((n) => timeOver('plain C++ I/O', n));

export const scaling = (): Goal => timesAsFast(cochlea(2), cochlea(1), TWO_WORKERS);

export const overPeers = (): Goal[] => [
  timesAsFast(cochlea(2), 'librosa + joblib', OVER_LIBROSA),
  timesAsFast(cochlea(2), 'torchaudio in a DataLoader', 1),
  timesAsFast(cochlea(2), 'Lhotse + kaldi-native-fbank', 1),
];

export const overDecoder = (): Goal[] => [
  ...WORKERS.map((n) => timesAsFast(cochlea(n), `libsndfile alone, ${threads(n)}`, OF_DECODER)),
  ...WORKERS.map((n) => timeOver('libsndfile alone', n)),
];

/** On a disk: against the slower of what memory allows and what the disk takes. */
export function onDisk(): Goal {
  return {
    what: `${ON_DISK} / the smaller of ${cochlea(2)} in memory and fsynced writes`,
    unit: '×',
    atLeast: OF_DISK,
    of: (figures) => {
      const [ours, memory, disk] = [ON_DISK, cochlea(2), FSYNCED].map((name) => figures(name)?.value);
      return ours && memory && disk && ours / Math.min(memory, disk);
    },
  };
}

/** @param peaks bytes, by name of the corpus's size, as they become known */
export function memoryGoals(small: string, large: string, peaks: ReadonlyMap<string, number>): Goal[] {
  const megabytes = (name: string): Goal => ({
    what: `peak memory, ${name}`,
    unit: 'MB',
    atMost: MOST_MEMORY_MB,
    of: () => {
      const peak = peaks.get(name);
      return peak && peak / 1e6;
    },
  });
  const same: Goal = {
    what: `peak memory, ${large} / ${small}`,
    unit: '×',
    atMost: SAME_MEMORY,
    of: () => {
      const [a, b] = [peaks.get(small), peaks.get(large)];
      return a && b && b / a;
    },
  };
  return [megabytes(small), megabytes(large), same];
}
