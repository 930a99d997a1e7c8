/** Peak memory of all processes of an extraction, of a short corpus and of a long one. */
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { corpusOf, startExtraction, work } from './extraction.mjs';

const LOOK_EVERY_MS = 50;
const BYTES_PER_MB = 1e6;
/** "the same for 10 h and 100 h": what V8 keeps of young objects grows for half a minute, and the list of the files is there. */
const MOST_GROWTH = 1.35;

export async function memory({ hours, mostMb }) {
  const [short, long] = [await peakMb(hours / 10), await peakMb(hours)];
  if (long > mostMb) throw new Error(`${hours} h took ${long} MB, more than ${mostMb}`);
  if (long > MOST_GROWTH * short) throw new Error(`${hours} h took ${long} MB, a tenth of it ${short}`);
  return { hours: [hours / 10, hours], peakMb: [short, long] };
}

async function peakMb(hours) {
  const corpus = corpusOf({ hours });
  const out = work('memory');
  rmSync(out, { recursive: true, force: true });
  const child = startExtraction(corpus.folder, out);
  child.stdout.resume();
  child.stderr.resume();
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, proportionalBytes(child.pid));
  }, LOOK_EVERY_MS);
  const [code] = await once(child, 'exit');
  clearInterval(timer);
  if (code !== 0) throw new Error(`cochlea extract ended with ${code}`);
  rmSync(out, { recursive: true });
  return Math.round(peak / BYTES_PER_MB);
}

/** Of a process and those it started; what several share is counted once (PSS). */
function proportionalBytes(pid) {
  let sum = 0;
  for (const each of [pid, ...childrenOf(pid)]) {
    const pss = /^Pss:\s*(\d+) kB$/m.exec(readOr(`/proc/${each}/smaps_rollup`))?.[1];
    sum += 1024 * Number(pss ?? 0);
  }
  return sum;
}

function childrenOf(pid) {
  const threads = tasksOf(pid);
  const own = threads.flatMap((thread) => readOr(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean));
  return own.flatMap((child) => [Number(child), ...childrenOf(child)]);
}

function tasksOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // It has ended.
  }
}

function readOr(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}
