import type { Windowing } from '../spec/index.js';

/** How many windows `nFrames` frames give: what `planWindows` of `features` lists, counted. */
export function windowCount(nFrames: number, { size, stride, tail }: Windowing): number {
  if (tail === 'partial') return Math.ceil(nFrames / stride);
  const whole = nFrames < size ? 0 : 1 + Math.floor((nFrames - size) / stride);
  if (tail === 'drop') return whole;
  const covered = whole === 0 ? 0 : (whole - 1) * stride + size;
  return covered < nFrames && whole * stride < nFrames ? whole + 1 : whole;
}

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
