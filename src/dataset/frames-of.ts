import type { Windowing } from '../spec/index.js';

/** Frames that windows `[first, end)` touch, as `[from, to)`. */
export function framesOf(
  first: number,
  end: number,
  nFrames: number,
  { size, stride }: Windowing,
): { from: number; to: number } {
  if (end <= first) return { from: 0, to: 0 };
  return { from: first * stride, to: Math.min(nFrames, (end - 1) * stride + size) };
}
