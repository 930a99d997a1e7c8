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

/** Seconds that have passed, by name. */
const CLOCKS = {
  wall: () => performance.now() / 1e3,
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
};

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
  if (verb === 'round') {
    const [seconds, clock] = argument.split(' ');
    return timeRound(contestant.run, Number(seconds), CLOCKS[clock]);
  }
  if (verb !== 'result') throw new Error(`request must be list, result or round, got ${verb}`);
  const values = await contestant.result();
  writeFileSync(argument, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return { values: values.length };
}

/** @param {() => void | Promise<void>} run @param {number} seconds @param {() => number} clock */
async function timeRound(run, seconds, clock) {
  const runs = await runsPerSample(run, clock);
  const samples = [];
  const cpu = CLOCKS.cpu();
  const start = CLOCKS.wall();
  let wallSec = 0;
  while (samples.length < FEWEST_SAMPLES || wallSec < seconds) {
    samples.push((await secondsOf(run, runs, clock)) / runs);
    wallSec = CLOCKS.wall() - start;
  }
  return { samples, wallSec, cpuSec: CLOCKS.cpu() - cpu };
}

/** Runs that together take SAMPLE_SEC on the asked clock; also the warm-up. */
async function runsPerSample(run, clock) {
  for (let runs = 1; ; runs *= 2) {
    if ((await secondsOf(run, runs, clock)) >= SAMPLE_SEC) return runs;
  }
}

async function secondsOf(run, runs, clock) {
  const start = clock();
  for (let i = 0; i < runs; i += 1) {
    const pending = run();
    // Only what is asynchronous waits: a turn of the event loop would be timed, too.
    if (pending instanceof Promise) await pending;
  }
  return clock() - start;
}
