/** Logarithms of values `[batch, row, frame]`, and what goes by the clip's own maximum. */
import type { NativeFeatureConfig } from '../../native/index.js';
import type { OnnxBuilder } from '../builder.js';

/** The smallest normal float32, which native logarithms go down to. */
const SMALLEST = 2 ** -126;

type LogFields = Pick<NativeFeatureConfig, 'logBase' | 'logMultiplier' | 'logOffset' | 'ref' | 'amin' | 'logFloorMode'>;

/** One natural logarithm in a base's units (native `unit_of`). */
function unitOf({ logBase, logMultiplier }: LogFields): number {
  if (logBase === 'ln') return logMultiplier;
  return (logMultiplier * (logBase === 'db' ? 10 : 1)) / Math.LN10;
}

/** Native `log_scale`: the logarithm of floored values times its unit, less that of the reference, plus the offset. */
export function writeLog(builder: OnnxBuilder, name: string, x: string, config: LogFields): string {
  const { ref, amin, logOffset } = config;
  const unit = unitOf(config);
  const reference = (ref > 0 ? unit * Math.log(Math.max(ref, amin)) : 0) - logOffset;
  const scaled = writeUnits(builder, name, writeFloor(builder, name, x, config), unit);
  return reference === 0 ? scaled : builder.op('Sub', `${name}_level`, [scaled, builder.scalar(reference)]);
}

function writeUnits(builder: OnnxBuilder, name: string, x: string, unit: number): string {
  const logarithm = builder.op('Log', `${name}_log`, [x]);
  return unit === 1 ? logarithm : builder.op('Mul', `${name}_units`, [logarithm, builder.scalar(unit)]);
}

function writeFloor(builder: OnnxBuilder, name: string, x: string, { amin, logFloorMode }: LogFields): string {
  if (logFloorMode === 'add') return builder.op('Add', `${name}_floor`, [x, builder.scalar(amin)]);
  const positive = logFloorMode === 'zero' ? writeZeroAs(builder, name, x, amin) : x;
  const floor = logFloorMode === 'zero' ? SMALLEST : amin;
  return builder.op('Max', `${name}_floor`, [positive, builder.scalar(floor)]);
}

/** `value` in place of an exact 0. */
export function writeZeroAs(builder: OnnxBuilder, name: string, x: string, value: number): string {
  const isZero = builder.op('Equal', `${name}_is_zero`, [x, builder.scalar(0)]);
  return builder.op('Where', `${name}_no_zero`, [isZero, builder.scalar(value), x]);
}

/** The largest value of each item, as `[batch, 1, 1]`. */
function writeClipMaximum(builder: OnnxBuilder, name: string, x: string): string {
  return builder.reduce('ReduceMax', `${name}_max`, x, [1, 2], { keep: true });
}

/** Raises what lies more than `range` below the item's largest value to there. */
export function writeClamp(builder: OnnxBuilder, name: string, x: string, range: number): string {
  const largest = writeClipMaximum(builder, name, x);
  const lowest = builder.op('Sub', `${name}_lowest`, [largest, builder.scalar(range)]);
  return builder.op('Max', `${name}_clamped`, [x, lowest]);
}

export interface ClipLevels {
  /** 0 dB; `'max'` is the item's largest value. */
  readonly ref: number | 'max';
  readonly amin: number;
  readonly topDb: number | null;
}

/** Native `power_to_db` of each item. */
export function writePowerToDb(builder: OnnxBuilder, name: string, x: string, o: ClipLevels): string {
  const { ref, amin, topDb } = o;
  const unit = 10 / Math.LN10;
  const inDecibels = (of: string, value: string) => {
    const floored = builder.op('Max', `${of}_floor`, [value, builder.scalar(amin)]);
    return writeUnits(builder, of, floored, unit);
  };
  const reference =
    ref === 'max'
      ? inDecibels(`${name}_ref`, writeClipMaximum(builder, `${name}_ref`, x))
      : builder.scalar(unit * Math.log(Math.max(ref, amin)));
  const decibels = builder.op('Sub', `${name}_db`, [inDecibels(name, x), reference]);
  return topDb === null ? decibels : writeClamp(builder, name, decibels, topDb);
}

/** Native `amplitude_to_db`: twice the decibels of magnitudes taken as powers. */
export function writeAmplitudeToDb(builder: OnnxBuilder, name: string, x: string, o: ClipLevels): string {
  const magnitude = builder.op('Abs', `${name}_abs`, [x]);
  const half = writePowerToDb(builder, name, magnitude, { ...o, topDb: o.topDb === null ? null : o.topDb / 2 });
  return builder.op('Mul', `${name}_twice`, [half, builder.scalar(2)]);
}

/** Logarithms of a config that may go by the clip: with `ref: 'max'` decibels against it, with `topDb` clamped. */
export function writeLevels(
  builder: OnnxBuilder,
  name: string,
  x: string,
  config: NativeFeatureConfig,
  clip: { readonly byMaximum: boolean; readonly topDb: number | null },
): string {
  if (clip.byMaximum) return writePowerToDb(builder, name, x, { ref: 'max', amin: config.amin, topDb: clip.topDb });
  const levels = writeLog(builder, name, x, config);
  if (clip.topDb === null) return levels;
  // One decibel is a tenth of a power of ten.
  const range = config.logBase === 'db' ? clip.topDb : (clip.topDb / 10) * config.logMultiplier;
  return writeClamp(builder, name, levels, range);
}
