import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Length } from '../../../src/onnx/shapes/length.js';

const batch = Length.of('batch');
const time = Length.of('time');

describe('Length', () => {
  it('is written as a polynomial of its names', () => {
    expect(Length.of(7).value).toBe(7);
    expect(batch.value).toBeNull();
    expect(time.minus(4).text).toBe('time-4');
    expect(batch.times(time).times(2).plus(1).text).toBe('2*batch*time+1');
    expect(time.minus(time).text).toBe('0');
    expect(Length.product([]).value).toBe(1);
  });

  it('divides what divides, and rounds down what does not', () => {
    expect(batch.times(time).times(6).over(time.times(2))?.text).toBe('3*batch');
    expect(batch.times(time.minus(2)).over(batch)?.text).toBe('time-2');
    expect(time.minus(2).times(batch).over(time.minus(2))?.text).toBe('floor((batch*time-2*batch)/(time-2))');
    expect(time.minus(3).over(2)?.plus(1).text).toBe('floor((time-3)/2)+1');
    expect(time.times(4).plus(3).over(2)?.text).toBe('2*time+1');
    expect(Length.of(-3).over(2)?.value).toBe(-2);
    expect(time.over(0)).toBeNull();
  });

  it('keeps names apart that hold a multiplication sign', () => {
    expect(Length.of('a*b').equals(Length.of('a').times(Length.of('b')))).toBe(false);
  });

  it('knows the larger of two that are a number apart, and names that of others', () => {
    expect(Length.extreme('max', time.plus(3), time).text).toBe('time+3');
    expect(Length.extreme('min', time.plus(3), time).text).toBe('time');
    expect(Length.extreme('min', time, time).text).toBe('time');
    expect(Length.extreme('max', time.minus(800), Length.of(0)).text).toBe('max(0, time-800)');
    expect(Length.extreme('min', batch, time).equals(Length.extreme('min', time, batch))).toBe(true);
  });

  it('computes what numbers would', () => {
    const number = fc.integer({ min: 1, max: 9 });
    const step = fc.tuple(
      fc.constantFrom('plus', 'minus', 'times', 'over', 'max', 'min'),
      fc.oneof(number, fc.constantFrom('batch', 'time')),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), number, number, (steps, b, t) => {
        const names: Record<string, number> = { batch: b, time: t };
        let length = Length.of('time');
        let value = t;
        for (const [operation, operand] of steps) {
          const n = typeof operand === 'number' ? operand : names[operand]!;
          const right = Length.of(operand);
          if (operation === 'plus') [length, value] = [length.plus(right), value + n];
          if (operation === 'minus') [length, value] = [length.minus(right), value - n];
          if (operation === 'times') [length, value] = [length.times(right), value * n];
          if (operation === 'max') [length, value] = [Length.extreme('max', length, right), Math.max(value, n)];
          if (operation === 'min') [length, value] = [Length.extreme('min', length, right), Math.min(value, n)];
          if (operation === 'over') [length, value] = [length.over(right)!, Math.floor(value / n)];
        }
        expect(runInNewContext(length.text, { ...names, floor: Math.floor, max: Math.max, min: Math.min })).toEqual(
          value + 0,
        );
      }),
    );
  });
});
