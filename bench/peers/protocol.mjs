/**
 * The other side of `PeerProcess` (src/bench/peer-process.ts) for contestants written in JavaScript: requests are lines
 * on stdin, answers lines of JSON on stdout.
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * @typedef {object} Timed one contestant: `run` may return a promise; `result` gives what it computes from the check clip
 * @property {string} case
 * @property {string} name
 * @property {number} work
 * @property {boolean} [ownConventions]
 * @property {() => void | Promise<void>} run
 * @property {() => Float32Array | Promise<Float32Array>} result
 */

/** As in src/bench/round.ts. */
const SAMPLE_SEC = 0.01;
const FEWEST_SAMPLES = 3;

/**
 * Answers until stdin ends.
 * @param {{ versions: Record<string, string>, contestants: Timed[], absent: { name: string, reason: string }[] }} roster
 */
export async function serve({ versions, contestants, absent }) {
  const listed = contestants.map(({ run: _run, result: _result, ...rest }) => rest);
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, index, ...rest] = line.split(' ');
    const answer = await answerTo(verb, contestants[Number(index)], rest.join(' ')).catch((error) => ({
      error: String(error instanceof Error ? error.message : error),
    }));
    process.stdout.write(`${JSON.stringify(verb === 'list' ? { versions, contestants: listed, absent } : answer)}\n`);
  }
}

/** @param {string} verb @param {Timed | undefined} contestant @param {string} argument */
async function answerTo(verb, contestant, argument) {
  if (verb === 'list') return null;
  if (contestant === undefined) throw new Error('no such contestant');
  if (verb === 'round') return timeRound(contestant.run, Number(argument));
  if (verb !== 'result') throw new Error(`request must be list, result or round, got ${verb}`);
  const values = await contestant.result();
  writeFileSync(argument, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return { values: values.length };
}

/** @param {() => void | Promise<void>} run @param {number} seconds */
async function timeRound(run, seconds) {
  const runs = await runsPerSample(run);
  const samples = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  let wallSec = 0;
  while (samples.length < FEWEST_SAMPLES || wallSec < seconds) {
    samples.push((await secondsOf(run, runs)) / runs);
    wallSec = (performance.now() - start) / 1e3;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { samples, wallSec, cpuSec: (user + system) / 1e6 };
}

/** Runs that together take SAMPLE_SEC; also the warm-up. */
async function runsPerSample(run) {
  for (let runs = 1; ; runs *= 2) {
    if ((await secondsOf(run, runs)) >= SAMPLE_SEC) return runs;
  }
}

async function secondsOf(run, runs) {
  const start = performance.now();
  for (let i = 0; i < runs; i += 1) {
    const pending = run();
    // Only what is asynchronous waits: a turn of the event loop would be timed, too.
    if (pending instanceof Promise) await pending;
  }
  return (performance.now() - start) / 1e3;
}
