/** Figures as people read them. */

const SMALLEST_PLAIN = 1e-3;
const LARGEST_PLAIN = 1e6;

/** What stands for a figure that is not defined. */
export const UNDEFINED_FIGURE = '–';

/**
 * A figure with `digits` significant digits (default 4): whole numbers in full, very small and very large ones with
 * an exponent, null as a dash.
 */
export function formatFigure(value: number | null, digits = 4): string {
  if (value === null || Number.isNaN(value)) return UNDEFINED_FIGURE;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text =
    Number.isInteger(value) && size < LARGEST_PLAIN
      ? String(value)
      : size !== 0 && (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN)
        ? value.toExponential(digits - 2)
        : String(Number(value.toPrecision(digits)));
  return text.replace('-', '−');
}

/** `1:05` or `1:02:03`, whole seconds. */
export function formatClock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
