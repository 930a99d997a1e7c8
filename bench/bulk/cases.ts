/** The cases of corpora in bulk: who takes part, what is checked before a clock starts, and what is asked. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { readAudio } from '../../src/audio/index.js';
import {
  type Absent,
  assertClose,
  type Contest,
  type ContestResult,
  type Goal,
  type PeerContestant,
  runContest,
} from '../../src/bench/index.js';
import { planOf } from '../cases/features.js';
import { W1, W3, type Workload, widthOf } from '../cases/workloads.js';
import { bulkPeers, type Started, startPeers } from '../peers.js';
import type { Format } from './clips.js';
import { type MadeCorpus, makeCorpus } from './corpus.js';
import { type Extraction, extractionContestant, featuresOf, runExtraction, shardSizes } from './extraction.js';
import { cochlea, memoryGoals, ON_DISK, onDisk, overDecoder, overLimit, overPeers, scaling, WORKERS } from './goals.js';
import type { BulkId, BulkOptions } from './options.js';
import { writeSpec, writeTask } from './task.js';

/** Folders of one run. */
export interface Place {
  /** For what is handed to other processes. */
  readonly folder: string;
  readonly ram: string;
  readonly disk: string;
}

export interface CaseResult {
  readonly result: ContestResult;
  readonly versions: Readonly<Record<string, string>>;
  readonly absent: readonly Absent[];
}

interface Declared {
  readonly workload: Workload;
  readonly format: Format;
  readonly goals: readonly Goal[];
  /** Whether Python libraries take part. */
  readonly peers?: boolean;
}

const IN_MEMORY: Readonly<Record<Exclude<BulkId, 'disk' | 'memory'>, Declared>> = {
  'W1-wav': { workload: W1, format: 'wav', goals: [...overLimit(), ...overPeers()], peers: true },
  'W3-wav': {
    workload: W3,
    format: 'wav',
    goals: [...overLimit(), scaling(), ...overPeers()],
    peers: true,
  },
  'W3-flac': { workload: W3, format: 'flac', goals: [scaling(), ...overDecoder()] },
  'W3-mp3': { workload: W3, format: 'mp3', goals: overDecoder() },
};

const REAL_TIME = '× real time';
/** Frames of the first recording, by another way to the same functions: bits may only differ where ways do. */
const DECIBELS = { atol: 0.01, rtol: 0 };
const SEC_PER_HOUR = 3600;
/** Of tmpfs, as `statfs` says it. */
const TMPFS = 0x0102_1994;

export const isInMemory = (folder: string): boolean => statfsSync(folder).type === TMPFS;

export async function runCase(id: BulkId, o: BulkOptions, place: Place): Promise<CaseResult> {
  if (id === 'memory') return runMemory(o, place);
  if (id === 'disk') return runInTurns(id, { workload: W1, format: 'wav', goals: [onDisk()] }, o, place);
  return runInTurns(id, IN_MEMORY[id], o, place);
}

async function runInTurns(id: BulkId, declared: Declared, o: BulkOptions, place: Place): Promise<CaseResult> {
  const { workload, format } = declared;
  const corpus = await corpusOf(format, format === 'wav' ? o.hours : o.codedHours, o);
  const ready = await prepare(id, declared, corpus, o, place);
  const started = await startPeers(bulkPeers(ready.folder, ready.peerFolder));
  try {
    const peers = started.processes.flatMap((each) => each.contestants).filter(({ name }) => belongs(name, id));
    const contest = contestOf(id, declared, corpus, ready, peers, place);
    const title = `${workload.id} over ${format}, ${hoursOf(corpus)} h in clips of ${o.clipSec} s`;
    const result = await runContest({ ...contest, title: id === 'disk' ? `${title}, shards on disk` : title }, o);
    return { result, versions: started.versions, absent: started.absent };
  } finally {
    await closed(started);
  }
}

/** What the C++ process measures on disk is of the case `disk` alone, which needs nothing else of it. */
const belongs = (name: string, id: BulkId) => name.includes('on disk') === (id === 'disk');

async function closed({ processes }: Started): Promise<void> {
  await Promise.all(processes.map((each) => each.close()));
}

function contestOf(
  id: BulkId,
  { workload, goals }: Declared,
  corpus: MadeCorpus,
  { extraction, otherwise }: Ready,
  peers: readonly PeerContestant[],
  { disk }: Place,
): Omit<Contest, 'title'> {
  const first = firstOf(corpus);
  const ours = (name: string, given: Extraction) => extractionContestant(name, corpus.audioSec, given, first);
  const inMemory = (id === 'disk' ? [2] : WORKERS).map((workers) => ours(cochlea(workers), { ...extraction, workers }));
  const onDisk = id === 'disk' ? [ours(ON_DISK, { ...extraction, workers: 2, out: disk })] : [];
  const reference = cochlea(2);
  return {
    id,
    unit: REAL_TIME,
    contestants: [...inMemory, ...onDisk, ...peers],
    absent: [],
    baselines: [reference],
    check: { reference, tolerance: DECIBELS, width: widthOf(workload), otherwise: () => [otherwise] },
    goals,
  };
}

interface Ready {
  readonly extraction: Omit<Extraction, 'workers'>;
  /** Of the task. */
  readonly folder: string;
  /** Of the task that Python libraries get; null where none take part. */
  readonly peerFolder: string | null;
  /** Features of the first recording on HTK's mel scale, Kaldi's. */
  readonly otherwise: Float32Array;
}

/**
 * One extraction that is not timed: brings the corpus into the system's cache, says how large shards are, and must give
 * what the library gives for the first recording.
 */
async function prepare(
  id: BulkId,
  { workload, format, peers }: Declared,
  corpus: MadeCorpus,
  o: BulkOptions,
  place: Place,
): Promise<Ready> {
  const folder = mkdtempSync(join(place.folder, `${id}-`));
  const specPath = join(folder, 'spec.json');
  writeSpec(specPath, workload);
  const extraction = { corpus: corpus.folder, specPath, out: place.ram, recordings: corpus.files.length };
  const { out } = await runExtraction({ ...extraction, workers: 2 });
  const otherwise = await checkFirst(workload, corpus, featuresOf(out, firstOf(corpus)));
  const shards = shardSizes(out);
  rmSync(out, { recursive: true });
  const task = { case: id, workload, format, shards, out: place.ram, disk: id === 'disk' ? place.disk : '' };
  writeTask(folder, { ...task, files: corpus.files, audioSec: corpus.audioSec });
  if (!peers) return { extraction, folder, peerFolder: null, otherwise };
  const count = Math.max(1, Math.min(corpus.files.length, Math.round((o.peerHours * SEC_PER_HOUR) / o.clipSec)));
  const audioSec = (corpus.audioSec * count) / corpus.files.length;
  const peerFolder = join(folder, 'peers');
  writeTask(peerFolder, { ...task, files: corpus.files.slice(0, count), audioSec });
  return { extraction, folder, peerFolder, otherwise };
}

/** Features of the first recording on the other mel scale. */
async function checkFirst(workload: Workload, corpus: MadeCorpus, found: Float32Array): Promise<Float32Array> {
  const audio = await readAudio(corpus.files[0]!);
  assertClose(`cochlea extract, ${firstOf(corpus)}`, found, planOf(workload).process(audio).data, DECIBELS);
  return planOf(workload, { melScale: 'htk', melNorm: null }).process(audio).data;
}

async function runMemory(o: BulkOptions, { folder, ram }: Place): Promise<CaseResult> {
  const corpus = await corpusOf('wav', o.memoryHours, o);
  const specPath = join(folder, 'memory-spec.json');
  writeSpec(specPath, W1);
  const peaks = new Map<string, number>();
  const names = [0.1, 1].map((share) => {
    const recordings = Math.max(1, Math.round(corpus.files.length * share));
    const audioSec = (corpus.audioSec * recordings) / corpus.files.length;
    const name = `${(audioSec / SEC_PER_HOUR).toPrecision(3)} h`;
    const extraction = { corpus: corpus.folder, specPath, out: ram, workers: 2, recordings, limited: true };
    const contestant = extractionContestant(name, audioSec, extraction, firstOf(corpus), ({ peakBytes }) => {
      if (peakBytes !== null) peaks.set(name, Math.max(peakBytes, peaks.get(name) ?? 0));
    });
    return { name, contestant };
  });
  const [small, large] = names.map(({ name }) => name);
  const contest: Contest = {
    ...{ id: 'memory', title: 'memory of W1 over wav, 2 workers, shards in memory', unit: REAL_TIME, absent: [] },
    contestants: names.map(({ contestant }) => contestant),
    baselines: [large!],
    check: { reference: large!, tolerance: { atol: 0, rtol: 0 }, width: widthOf(W1) },
    goals: memoryGoals(small!, large!, peaks),
  };
  return { result: await runContest(contest, { rounds: 1 }), versions: {}, absent: [] };
}

function corpusOf(format: Format, hours: number, { corpora, clipSec }: BulkOptions): Promise<MadeCorpus> {
  const folder = join(corpora, `${format}-${hours}h-${clipSec}s`);
  return makeCorpus({ folder, cache: corpora, hours, format, clipSec, long: [], seed: 1, broken: 0 });
}

const firstOf = ({ folder, files }: MadeCorpus) => relative(folder, files[0]!).split(sep).join('/');
const hoursOf = ({ audioSec }: MadeCorpus) => (audioSec / SEC_PER_HOUR).toPrecision(3);
