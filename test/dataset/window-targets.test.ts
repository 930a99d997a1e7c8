import { describe, expect, it } from 'vitest';
import { requireIntervalLabel, windowTargets } from '../../src/dataset/index.js';

describe('targets of intervals', () => {
  // Windows of 3 frames of 100 ms at stride 2: [0, 0.3), [0.2, 0.5), …, middles 0.15, 0.35, 0.55, 0.75.
  const timing = { startSec: 0, stepSec: 0.1, spanSec: 0.1 };
  const item = {
    id: 'a',
    nFrames: 9,
    nWindows: 4,
    labels: [
      { startSec: 0.3, endSec: 0.56, label: 'tone' },
      { startSec: 0, endSec: 1, label: 'other' },
    ],
  };
  const targets = (rule: 'centre' | 'contains', collarMs: number, change: Partial<typeof item> = {}) => [
    ...windowTargets({ ...item, ...change }, timing, { size: 3, stride: 2 }, { label: 'tone', rule, collarMs }),
  ];

  it('by the middle of a window, unscored near an edge', () => {
    expect(targets('centre', 0)).toEqual([0, 1, 1, 0]);
    expect(targets('centre', 20)).toEqual([0, 1, Number.NaN, 0]);
  });

  it('need a label that some item has', () => {
    const without = { ...item, id: 'b', labels: undefined };
    expect(() => requireIntervalLabel([without, item], 'tone')).not.toThrow();
    const thrown = (items: readonly (typeof item | typeof without)[]) => {
      try {
        requireIntervalLabel(items, 'tnoe');
      } catch (error) {
        return error;
      }
      return null;
    };
    expect(thrown([without, item])).toMatchObject({
      code: 'ERR_LABELS',
      message: 'label of the intervals must be one of other, tone, got "tnoe"',
    });
    expect(thrown([without])).toMatchObject({
      code: 'ERR_LABELS',
      message: expect.stringContaining('no item has any'),
    });
  });

  it('by what lies inside, unscored where little is cut off', () => {
    expect(targets('contains', 0)).toEqual([0, 0, 0, 0]);
    expect(targets('contains', 0, { labels: [{ startSec: 0.21, endSec: 0.49, label: 'tone' }] })).toEqual([0, 1, 0, 0]);
    // [0.2, 0.5) cuts 60 ms off the end, [0.4, 0.7) 100 ms off the start.
    expect(targets('contains', 80)).toEqual([0, Number.NaN, 0, 0]);
  });
});
