/** Killed three times with SIGKILL and resumed; and on the kernels of other processors: the same files. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checksums, compareChecksums, corpusOf, extraction, startExtraction, work } from './extraction.mjs';

const KILLS = 3;
const LOOK_EVERY_MS = 20;
const KERNELS = ['scalar', 'avx2', 'avx512', 'neon'];

export async function kills({ hours }) {
  const corpus = corpusOf({ hours });
  const whole = work('whole');
  rmSync(whole, { recursive: true, force: true });
  const undisturbed = await extraction(corpus.folder, whole);
  const expected = checksums(whole);
  const killedAtSec = await killed(corpus.folder, expected);
  const kernels = await otherKernels(corpus.folder, expected, shardMbOf(whole));
  return {
    recordings: undisturbed.report.recordings,
    audioHours: undisturbed.report.audioSec / 3600,
    files: Object.keys(expected).length,
    featureBytes: undisturbed.report.bytes,
    undisturbedSec: undisturbed.sec,
    killedAtSec,
    kernels,
  };
}

/** All processes of the run at once, the machine as it were, each time a quarter of the way further. */
async function killed(corpus, expected) {
  const out = work('killed');
  rmSync(out, { recursive: true, force: true });
  const atSec = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startExtraction(corpus, out);
    const ended = once(child, 'exit');
    const start = performance.now();
    const enough = ((kill + 1) * Object.keys(expected).length) / (KILLS + 1);
    while (child.exitCode === null && finishedIn(out) < enough) await sleep(LOOK_EVERY_MS);
    if (child.exitCode !== null) throw new Error('the run ended before it was killed');
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    atSec.push((performance.now() - start) / 1000);
  }
  const { report } = await extraction(corpus, out);
  if (report.shards.reused === 0) throw new Error('nothing of the killed runs was kept');
  compareChecksums(checksums(out), expected, 'killed three times');
  rmSync(out, { recursive: true });
  return atSec;
}

function shardMbOf(out) {
  const [header] = readFileSync(join(out, 'plan.jsonl'), 'utf8').split('\n', 1);
  return JSON.parse(header).shardBytes / 1e6;
}

function finishedIn(out) {
  return existsSync(out) ? readdirSync(out).filter((file) => file.endsWith('.arrow')).length : 0;
}

/** `skipped` where this processor has not the instructions. */
async function otherKernels(corpus, expected, shardMb) {
  const found = {};
  for (const name of KERNELS) {
    const out = work(`kernels-${name}`);
    rmSync(out, { recursive: true, force: true });
    // The plain loops are some fifty times slower: a part of the corpus has to do, cut as the whole is.
    const args = name === 'scalar' ? ['--limit', '500', '--shard-mb', String(shardMb)] : [];
    try {
      await extraction(corpus, out, { args, env: { COCHLEA_KERNELS: name } });
    } catch (error) {
      if (!String(error.message).includes('ERR_KERNELS')) throw error;
      found[name] = 'skipped: this processor does not have them';
      continue;
    }
    const mine = checksums(out);
    // The last file of a part is cut elsewhere.
    const names = Object.keys(mine).slice(0, name === 'scalar' ? -1 : undefined);
    const pick = (sums) => Object.fromEntries(names.map((file) => [file, sums[file]]));
    compareChecksums(pick(mine), name === 'scalar' ? pick(expected) : expected, `kernels ${name}`);
    found[name] = `${names.length} files the same`;
    rmSync(out, { recursive: true });
  }
  return found;
}
