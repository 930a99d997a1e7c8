import { describe, expect, it } from 'vitest';
import {
  type Contest,
  type Contestant,
  type Goal,
  pool,
  quantile,
  type Round,
  runContest,
  timeRound,
  timesAsFast,
  timesTheBest,
} from '../../src/bench/index.js';

const QUIET: Omit<Round, 'samples'> = { wallSec: 1, cpuSec: 1 };
const VALUES = Float32Array.of(1, 2, 3, 4);

/** A contestant whose clock says what we want; `calls` tells when its turn came. */
function fake(name: string, sec: number, over: Partial<Contestant> = {}, calls: string[] = []): Contestant {
  return {
    name,
    work: 10,
    result: () => VALUES,
    round: () => {
      calls.push(name);
      return { ...QUIET, samples: [sec, sec, sec] };
    },
    ...over,
  };
}

function contest(contestants: readonly Contestant[], over: Partial<Contest> = {}): Contest {
  return {
    id: 'W',
    title: 'W',
    unit: '× real time',
    contestants,
    absent: [],
    baselines: ['a'],
    check: { reference: 'a', tolerance: { atol: 0.01, rtol: 0 }, width: 2 },
    goals: [],
    ...over,
  };
}

describe('a contestant that checks itself', () => {
  it('is not compared with the reference, and is heard all the same', async () => {
    const calls: string[] = [];
    const result = () => {
      calls.push('checked');
      return Float32Array.of(9);
    };
    await runContest(contest([fake('a', 1), fake('b', 1, { result, checksItself: true })]), { rounds: 1 });
    expect(calls).toEqual(['checked']);
    await expect(runContest(contest([fake('a', 1), fake('b', 1, { result })]))).rejects.toThrow('W, b');
  });
});

describe('turns', () => {
  it('go A B C A B C, in rounds of the asked length', async () => {
    const calls: string[] = [];
    const asked: number[] = [];
    const a = fake('a', 1, {}, calls);
    const round = (seconds: number): Round => {
      asked.push(seconds);
      calls.push('b');
      return { ...QUIET, samples: [1] };
    };
    const b = fake('b', 1, { round });
    await runContest(contest([a, b, fake('c', 1, {}, calls)]), { rounds: 3, secondsPerRound: 0.25 });
    expect(calls).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c']);
    expect(asked).toEqual([0.25, 0.25, 0.25]);
  });

  it('wait for contestants in other processes', async () => {
    const order: string[] = [];
    const slow = (name: string): Contestant =>
      fake(name, 1, {
        round: async () => {
          order.push(`${name} starts`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          order.push(`${name} ends`);
          return { ...QUIET, samples: [1] };
        },
      });
    await runContest(contest([slow('a'), slow('b')]), { rounds: 1 });
    expect(order).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
  });
});

describe('results', () => {
  const refused = async (b: Partial<Contestant>, message: string) => {
    const calls: string[] = [];
    const contestants = [fake('a', 1, {}, calls), fake('b', 1, b, calls)];
    await expect(runContest(contest(contestants))).rejects.toThrow(message);
    expect(calls).toEqual([]);
  };

  it('that differ from the reference are not timed', async () => {
    await refused({ result: () => Float32Array.of(1, 2, 3.02, 4) }, 'W, b: value 2 is 3.0');
    await refused({ result: () => Float32Array.of(1, 2, Number.NaN, 4) }, 'W, b: value 2 is NaN');
    await refused({ result: () => Float32Array.of(1, 2) }, 'W, b: gives 2 values, the reference 4');
    await refused({ result: () => new Float32Array(0) }, 'W, b: gives 0 values');
  });

  it('within the tolerance are, as are promises of results', async () => {
    const b = fake('b', 1, { result: async () => Float32Array.of(1, 2, 3.005, 4) });
    await expect(runContest(contest([fake('a', 1), b]), { rounds: 1 })).resolves.toBeDefined();
  });

  it('under own conventions must rise and fall with the reference, or with another convention', async () => {
    const own = (values: readonly number[]) => ({ ownConventions: true, result: () => Float32Array.from(values) });
    const both = (b: Partial<Contestant>, over: Partial<Contest> = {}) =>
      runContest(contest([fake('a', 1), fake('b', 1, b)], over), { rounds: 1 });
    await expect(both(own([3, 5, 7, 9]))).resolves.toBeDefined();
    await expect(both(own([3, 5]))).resolves.toBeDefined();
    await refused(own([4, 3, 2, 1]), 'W, b: correlates -1');
    await refused(own([1, 1, 1, 1]), 'W, b: correlates NaN');
    await refused(own([1, 2, 3]), 'W, b: gives 3 values, the reference 2 per frame');
    await refused(own(Array.from({ length: 20 }, (_, i) => i)), 'W, b: gives 8 frames more or less');
    const check = { reference: 'a', tolerance: { atol: 0, rtol: 0 }, width: 2 };
    const otherwise = () => [Float32Array.of(40, 30, 20, 10)];
    await expect(both(own([4, 3, 2, 1]), { check: { ...check, otherwise } })).resolves.toBeDefined();
  });

  it('need their reference, and someone to be timed', async () => {
    await expect(runContest(contest([fake('b', 1)]))).rejects.toThrow('W: the reference a is not here');
    await expect(runContest(contest([]))).rejects.toThrow(RangeError);
  });
});

describe('figures', () => {
  it('are work per second at the median, over the first baseline that is here', async () => {
    const { baseline, results } = await runContest(
      contest([fake('a', 2), fake('b', 0.5, { work: 5 })], { baselines: ['absent', 'a', 'b'] }),
      { rounds: 2 },
    );
    expect(baseline).toBe('a');
    expect(results.map(({ value, ratio, ofLimit }) => ({ value, ratio, ofLimit }))).toEqual([
      { value: 5, ratio: 1, ofLimit: null },
      { value: 10, ratio: 2, ofLimit: null },
    ]);
    expect(results[0]).toMatchObject({ samples: 6, rounds: 2, quietRounds: 2 });
  });

  it('are compared with the limit of the machine and with goals', async () => {
    const most: Goal = { what: 'µs', unit: 'µs', atMost: 1, of: (figures) => figures('a')?.medianSec };
    const goals = [
      timesAsFast('b', 'a', 3),
      timesTheBest('b', ['a', 'x'], 4.5, 'rest'),
      timesAsFast('b', 'x', 1),
      most,
    ];
    const result = await runContest(
      contest([fake('a', 2), fake('b', 0.5)], { goals, limit: { value: 40, what: 'peak' } }),
      { rounds: 1 },
    );
    expect(result.results.map((each) => each.ofLimit)).toEqual([0.125, 0.5]);
    expect(result.goals).toEqual([
      { what: 'b / a', unit: '×', value: 4, wanted: '≥ 3', met: true },
      { what: 'b / rest', unit: '×', value: 4, wanted: '≥ 4.5', met: false },
      { what: 'b / x', unit: '×', value: null, wanted: '≥ 1', met: null },
      { what: 'µs', unit: 'µs', value: 2, wanted: '≤ 1', met: false },
    ]);
  });
});

describe('pooling', () => {
  const rounds: Round[] = [
    { samples: [1, 2, 3], wallSec: 1, cpuSec: 0.99 },
    { samples: [10, 20], wallSec: 1, cpuSec: 0.1 },
  ];

  it('takes samples of all rounds together and counts the quiet ones', () => {
    expect(pool(rounds)).toEqual({
      medianSec: 3,
      p10Sec: expect.closeTo(1.4, 12),
      p90Sec: expect.closeTo(16, 12),
      samples: 5,
      rounds: 2,
      quietRounds: 1,
    });
  });

  it('refuses to make a figure of nothing', () => {
    expect(() => pool([])).toThrow(RangeError);
  });

  it('interpolates quantiles between neighbours', () => {
    expect(quantile([1, 2, 3, 4, 5], 0.5)).toBe(3);
    expect(quantile([1, 2], 0.1)).toBeCloseTo(1.1, 12);
    expect(quantile([7], 0.9)).toBe(7);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

describe('a round in this process', () => {
  /** Keeps the processor busy for a known number of multiplications. */
  function spin(steps: number): number {
    let x = 1;
    for (let i = 0; i < steps; i += 1) x = Math.imul(x, 1664525) + i;
    return x;
  }

  it('gives seconds per run, more for more work', () => {
    const quick = timeRound('quick', () => void spin(2_000), 0.05);
    const slow = timeRound('slow', () => void spin(200_000), 0.05);
    for (const { samples, wallSec, cpuSec } of [quick, slow]) {
      expect(samples.length).toBeGreaterThanOrEqual(3);
      expect(wallSec).toBeGreaterThan(0);
      expect(cpuSec).toBeGreaterThan(0);
    }
    // A hundred times the work; a busy machine may blur that, not by ten.
    expect(pool([slow]).medianSec / pool([quick]).medianSec).toBeGreaterThan(10);
  });

  it('on the clock of the processor counts no time in which it waits', () => {
    const wait = new Int32Array(new SharedArrayBuffer(4));
    const sleepAndSpin = () => {
      Atomics.wait(wait, 0, 0, 5);
      spin(2_000);
    };
    expect(pool([timeRound('wall', sleepAndSpin, 0.05, 'wall')]).medianSec).toBeGreaterThan(5e-3);
    expect(pool([timeRound('cpu', sleepAndSpin, 0.05, 'cpu')]).medianSec).toBeLessThan(2.5e-3);
  });

  it('does not swallow what a contestant throws', () => {
    const run = () => {
      throw new Error('broken contestant');
    };
    expect(() => timeRound('broken', run, 0.01)).toThrow('broken contestant');
  });
});
