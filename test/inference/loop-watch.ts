/** Watches how an event loop turns while work goes on, in CPU time: what other processes take does not count. */
export interface LoopReport {
  readonly turns: number;
  /** CPU milliseconds of the whole watch, and of its busiest turn. */
  readonly totalMs: number;
  readonly busiestMs: number;
}

export async function watchLoop(work: () => Promise<unknown>): Promise<LoopReport> {
  let turns = 0;
  let totalMs = 0;
  let busiestMs = 0;
  let watching = true;
  let last = process.cpuUsage();
  const turn = () => {
    const used = process.cpuUsage(last);
    last = process.cpuUsage();
    const turnMs = (used.user + used.system) / 1000;
    turns++;
    totalMs += turnMs;
    busiestMs = Math.max(busiestMs, turnMs);
    if (watching) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  watching = false;
  await new Promise((resolve) => setImmediate(resolve));
  return { turns, totalMs, busiestMs };
}
