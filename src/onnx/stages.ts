/** A spec's stages as ONNX operators: what inference does between models, on a batch of recordings of equal length. */
import { ExportError, mustBe, ParameterError } from '../errors.js';
import type { Normalize, Stage, Windowing, WindowStage } from '../spec/index.js';
import { int, type OnnxBuilder } from './builder.js';
import { embedModel, modelPorts } from './embed.js';
import { type Whole, WholeNumbers } from './front-end/index.js';
import type { OnnxModel } from './proto.js';

/** Rows of a batch of recordings, `[batch, n, …shape]`. */
export interface Rows {
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * int64 `[1]`: how many rows count. Where none does, as recordings are too short, there is one all the same: runtimes
   * may end the process when a model gets no row.
   */
  readonly count: Whole;
}

/** Models by the name that their stage has in the spec. */
export type Models = ReadonlyMap<string, OnnxModel>;

/** The axis of rows. */
const ROW = 1;

/**
 * @param rows `[batch, n, width]`
 * @returns what the last stage gives, `[batch, window, …]` with the shape that its model gives, those that count
 * @throws ExportError `ERR_EXPORT` for a model that cannot stand in a chain
 */
export function writeStages(builder: OnnxBuilder, stages: readonly Stage[], rows: Rows, models: Models): Rows {
  const uses = new Map<string, number>();
  const write = (input: Rows, stage: Stage, i: number): Rows => {
    const at = { prefix: `stage_${i}`, modelPrefix: modelPrefix(stage, uses) };
    return writeStage(builder, stage, flattened(builder, input), at, models);
  };
  const { name, shape, count } = stages.reduce(write, rows);
  const whole = new WholeNumbers(builder, 'scores');
  const counted = [name, builder.int64([0]), whole.name(count), builder.int64([ROW])];
  return { name: builder.op('Slice', 'scores/counted', counted), shape, count };
}

/** Names of what a stage adds. */
interface Place {
  readonly prefix: string;
  /** Of its model's operators. */
  readonly modelPrefix: string;
}

/** The name of the model's file, numbered where two stages share one. */
function modelPrefix(stage: Stage, uses: Map<string, number>): string {
  const model = 'windowing' in stage ? stage.model : undefined;
  if (model === undefined) return '';
  const stem = model.replace(/\.onnx$/, '');
  const use = (uses.get(stem) ?? 0) + 1;
  uses.set(stem, use);
  return use === 1 ? stem : `${stem}#${use}`;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Rows of single numbers, whatever shape they were given in. */
function flattened(builder: OnnxBuilder, rows: Rows): Rows {
  if (rows.shape.length === 1) return rows;
  const width = sizeOf(rows.shape);
  const name = builder.op('Reshape', `${rows.name}/rows`, [rows.name, builder.int64([0, 0, width])]);
  return { ...rows, name, shape: [width] };
}

function writeStage(builder: OnnxBuilder, stage: Stage, rows: Rows, at: Place, models: Models): Rows {
  const { prefix } = at;
  if ('windowing' in stage) return writeWindowStage(builder, stage, rows, at, models);
  if ('binarize' in stage) return { ...rows, name: writeBinarize(builder, stage.binarize, rows.name, prefix) };
  const ends = [0, Number.MAX_SAFE_INTEGER, ROW, stage.decimate].map((value) => builder.int64([value]));
  const whole = new WholeNumbers(builder, `${prefix}/length`);
  const count = whole.apply('Div', whole.apply('Add', rows.count, stage.decimate - 1), stage.decimate);
  return { ...rows, name: builder.op('Slice', `${prefix}/decimate`, [rows.name, ...ends]), count };
}

function writeBinarize(builder: OnnxBuilder, threshold: number, rows: string, prefix: string): string {
  const isActive = builder.op('GreaterOrEqual', `${prefix}/active`, [rows, builder.scalar(ceilToFloat(threshold))]);
  return builder.op('Where', `${prefix}/binarize`, [isActive, builder.scalar(1), builder.scalar(0)]);
}

/** The least float32 that is not below a number: floats reach it just where they reach the number. */
function ceilToFloat(value: number): number {
  const nearest = new Float32Array([value]);
  if (nearest[0]! >= value) return nearest[0]!;
  const bits = new Int32Array(nearest.buffer);
  // The bits of floats of one sign are in their order; negative ones run backwards.
  bits[0]! += nearest[0]! < 0 ? -1 : 1;
  return nearest[0]!;
}

function writeWindowStage(builder: OnnxBuilder, stage: WindowStage, rows: Rows, at: Place, models: Models): Rows {
  const { prefix } = at;
  const [width] = rows.shape;
  const { size } = stage.windowing;
  const normalised = writeNormalize(builder, stage.normalize, { ...rows, shape: [width!] }, prefix);
  const windows = writeWindows(builder, stage, { ...rows, name: normalised }, prefix);
  if (stage.model === undefined) return { ...windows, shape: windows.cut ? [size, width!] : [width!] };
  return writeModel(builder, stage.model, windows, size * width!, at, models);
}

/** `(x − mean) / std` per column, in float32 as native windows do it. */
function writeNormalize(builder: OnnxBuilder, normalize: Normalize | undefined, rows: Rows, prefix: string): string {
  if (normalize === undefined || normalize.kind === 'none') return rows.name;
  const [width] = rows.shape;
  for (const [name, values] of Object.entries({ mean: normalize.mean, std: normalize.std })) {
    if (values.length === 1 || values.length === width) continue;
    const expected = `1 number or as many as a row has (${width})`;
    throw new ParameterError('ERR_OPTION', mustBe(`normalize.${name}`, expected, values.length));
  }
  const column = (role: string, values: readonly number[]) =>
    builder.weight(`${prefix}/${role}`, [values.length], () => Float32Array.from(values));
  const centred = builder.op('Sub', `${prefix}/centred`, [rows.name, column('mean', normalize.mean)]);
  const scale = column(
    'scale',
    normalize.std.map((std) => 1 / std),
  );
  return builder.op('Mul', `${prefix}/normalised`, [centred, scale]);
}

interface Windows {
  /** `[batch, window, size, width]` if cut; otherwise the rows themselves, each a window. */
  readonly name: string;
  readonly cut: boolean;
  readonly count: Whole;
}

function writeWindows(builder: OnnxBuilder, { windowing }: WindowStage, rows: Rows, prefix: string): Windows {
  const { size, stride, tail } = windowing;
  if (size === 1 && stride === 1) return { name: rows.name, count: rows.count, cut: false };
  const whole = new WholeNumbers(builder, `${prefix}/length`);
  const count = writeWindowCount(whole, rows.count, windowing);
  const atLeastOne = whole.apply('Max', count, 1);
  const starts = whole.name(whole.apply('Mul', whole.range(0, atLeastOne), stride));
  const column = builder.op('Unsqueeze', `${prefix}/starts`, [starts, builder.int64([1])]);
  const within = builder.indices(
    `${prefix}/within`,
    Array.from({ length: size }, (_, i) => i),
  );
  const indices = builder.op('Add', `${prefix}/indices`, [column, within]);
  const nRows = whole.dim(rows.name, ROW);
  const attributes = { axis: int(ROW) };
  if (tail === 'drop') {
    // Only the window that does not count reaches past the end.
    const inside = whole.name(whole.apply('Min', indices, whole.apply('Sub', nRows, 1)));
    return { name: builder.op('Gather', `${prefix}/windows`, [rows.name, inside], { attributes }), count, cut: true };
  }
  const padded = writeTail(builder, whole, rows.name, { ...windowing, nRows, count: atLeastOne, prefix });
  return { name: builder.op('Gather', `${prefix}/windows`, [padded, indices], { attributes }), count, cut: true };
}

/** `windowCount` of src/features. */
function writeWindowCount(whole: WholeNumbers, nRows: Whole, { size, stride, tail }: Windowing): Whole {
  const steps = (rows: Whole) => whole.apply('Div', whole.apply('Max', rows, 0), stride);
  if (tail === 'partial') return steps(whole.apply('Add', nRows, stride - 1));
  if (tail === 'drop') return steps(whole.apply('Add', nRows, stride - size));
  // The first window is there if a row is; another one starts while rows are left that the one before did not hold.
  const first = whole.apply('Min', nRows, 1);
  const held = Math.max(size - stride, 0) + 1;
  return whole.apply('Add', steps(whole.apply('Sub', nRows, held)), first);
}

interface Tail extends Pick<Windowing, 'size' | 'stride' | 'padValue'> {
  readonly nRows: Whole;
  readonly count: Whole;
  readonly prefix: string;
}

/** Rows for the windows that reach past the end. */
function writeTail(builder: OnnxBuilder, whole: WholeNumbers, rows: string, o: Tail): string {
  const { nRows, count, size, stride, padValue, prefix } = o;
  const wanted = whole.apply('Add', whole.apply('Mul', whole.apply('Sub', count, 1), stride), size);
  const after = whole.apply('Max', whole.apply('Sub', wanted, nRows), 0);
  return builder.op('Pad', `${prefix}/tail`, [rows, whole.list([0, 0, 0, 0, after, 0]), builder.scalar(padValue)]);
}

/** Windows of all recordings as one batch through a model, and apart again. */
function writeModel(
  builder: OnnxBuilder,
  name: string,
  windows: Windows,
  windowSize: number,
  { prefix, modelPrefix }: Place,
  models: Models,
): Rows {
  const model = models.get(name);
  if (model === undefined) {
    throw new ParameterError('ERR_OPTION', mustBe('models', `with ${name}`, [...models.keys()].join(', ') || 'none'));
  }
  const { input, output } = modelPorts(model, name);
  if (sizeOf(input) !== windowSize) {
    const expected = `as large as its windows (${windowSize} numbers)`;
    throw new ExportError('ERR_EXPORT', mustBe(`input of ${name}`, expected, `[${input.join(', ')}]`), { model: name });
  }
  const whole = new WholeNumbers(builder, `${prefix}/batch`);
  const [batch, nWindows] = [0, ROW].map((axis) => whole.dim(windows.name, axis));
  const items = builder.op('Reshape', `${prefix}/items`, [windows.name, builder.int64([-1, ...input])]);
  const scores = embedModel(builder, model, modelPrefix, items);
  const shape = whole.list([batch!, nWindows!, ...output]);
  return { name: builder.op('Reshape', `${prefix}/scores`, [scores, shape]), shape: output, count: windows.count };
}
