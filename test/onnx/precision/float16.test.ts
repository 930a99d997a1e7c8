import { describe, expect, it } from 'vitest';
import { toFloat16Bits } from '../../../src/onnx/precision/float16.js';
import { seededUniform } from '../../graph/random.js';

/** IEEE 754, 3.4: sign, exponent with bias 15, ten bits of fraction. */
function numberOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

describe('toFloat16Bits', () => {
  it('gives every float16 back', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = numberOf(bits);
      if (Number.isNaN(value)) expect(numberOf(toFloat16Bits(value))).toBeNaN();
      else if (toFloat16Bits(value) !== bits) throw new Error(`${bits} → ${toFloat16Bits(value)}`);
    }
  });

  it('takes the even one of two that are as near', () => {
    // Between neighbours of all normal and subnormal numbers, and between the largest and infinity.
    for (let bits = 0; bits < 0x7c00; bits++) {
      const next = bits + 1 === 0x7c00 ? 65_536 : numberOf(bits + 1);
      const middle = (numberOf(bits) + next) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      if (toFloat16Bits(middle) !== even) throw new Error(`${middle} → ${toFloat16Bits(middle)}, not ${even}`);
      if (toFloat16Bits(-middle) !== (even | 0x8000)) throw new Error(`${-middle}`);
    }
  });

  it('takes the nearest of any', () => {
    const random = seededUniform(1);
    for (let i = 0; i < 20_000; i++) {
      const value = Math.fround((random() - 0.5) * 2 ** Math.floor(40 * random() - 24));
      const error = Math.abs(numberOf(toFloat16Bits(value)) - value);
      // Half a step: 2^-11 of the number, or 2^-25 below the normal ones.
      if (Math.abs(value) < 65_504) expect(error).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
    }
    expect(numberOf(toFloat16Bits(1e6))).toBe(Number.POSITIVE_INFINITY);
    expect(Object.is(numberOf(toFloat16Bits(-0)), -0)).toBe(true);
  });
});
