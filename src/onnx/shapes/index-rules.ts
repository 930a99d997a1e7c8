/** Operators that pick cells, or make them. */
import { Length } from './length.js';
import {
  type Axes,
  type Axis,
  axisOf,
  type Known,
  known,
  knownConstant,
  type NodeView,
  type Rules,
} from './node-view.js';

/** Starts and ends beyond this mean "as far as there is". */
const FAR = 2 ** 31 - 1;

function clamp(position: number, low: number, high: number): number {
  return Math.min(Math.max(position, low), high);
}

/** Cells from `start` to `end` in steps, of an axis of known length (ONNX, `Slice`). */
function sliced(length: number, start: number, end: number, step: number): number {
  const [low, high] = step > 0 ? [0, length] : [0, length - 1];
  const from = clamp(start < 0 ? start + length : start, low, high);
  const to = clamp(end < 0 ? end + length : end, step > 0 ? 0 : -1, length);
  return Math.max(0, Math.ceil((to - from) / step));
}

/** A position counted from the end where it is a negative number, and the end itself where it lies beyond all axes. */
function placed(position: Length, length: Length): Length {
  const { value } = position;
  if (value === null || (value >= 0 && value < FAR)) return position;
  return value < 0 ? length.plus(value) : length;
}

/**
 * The same where a run decides a length or an end: cells from `start` to `end`, or to the end of the axis if that comes
 * first. That `start` lies before both is what who wrote the model relied on.
 */
function slicedOpen(length: Length, start: Length, end: Length, step: number): Axis {
  if (step === -1 && start.value === -1 && end.value !== null && end.value < -FAR) return length;
  if (step < 1) return null;
  const to = Length.extreme('min', placed(end, length), length);
  return to
    .minus(placed(start, length))
    .plus(step - 1)
    .over(step);
}

function slice(node: NodeView): Known[] {
  const { type, axes, numbers } = node.input(0);
  const [starts, ends] = [node.input(1).numbers, node.input(2).numbers];
  const [places, steps] = [node.has(3) ? node.numbers(3) : undefined, node.has(4) ? node.numbers(4) : undefined];
  if (axes === null || places === null || starts === null) return [known(type, axes?.map(() => null) ?? null)];
  const out = [...axes];
  starts.forEach((start, i) => {
    const axis = axisOf(places?.[i] ?? i, axes.length);
    const [length, end, step] = [axes[axis] ?? null, ends?.[i] ?? null, steps === undefined ? 1 : (steps?.[i] ?? null)];
    if (length === null || start === null || end === null || step === null) {
      out[axis] = null;
      return;
    }
    const fixed = [length.value, start.value, end.value];
    out[axis] = fixed.every((value) => value !== null)
      ? Length.of(sliced(fixed[0]!, fixed[1]!, fixed[2]!, step))
      : slicedOpen(length, start, end, step);
  });
  return [known(type, out, axes.length === 1 && numbers !== null ? slicedNumbers(node, numbers) : null)];
}

function slicedNumbers(node: NodeView, numbers: readonly Axis[]): readonly Axis[] | null {
  const [start, end, step] = [node.numbers(1)?.[0], node.numbers(2)?.[0], node.has(4) ? node.numbers(4)?.[0] : 1];
  return start === undefined || end === undefined || step !== 1 ? null : numbers.slice(start, end);
}

function gather(node: NodeView): Known[] {
  const { type, axes, numbers } = node.input(0);
  const places = node.input(1);
  if (axes === null || places.axes === null) return [known(type, null)];
  const at = axisOf(node.int('axis', 0), axes.length);
  const picked = numbers === null ? null : (node.numbers(1)?.map((i) => numbers.at(i) ?? null) ?? null);
  return [known(type, [...axes.slice(0, at), ...places.axes, ...axes.slice(at + 1)], picked)];
}

function gatherNd(node: NodeView): Known[] {
  const [axes, places] = [node.axes(0), node.axes(1)];
  const depth = places?.at(-1)?.value ?? null;
  if (axes === null || places === null || depth === null) return [known(node.type(), null)];
  return [known(node.type(), [...places.slice(0, -1), ...axes.slice(node.int('batch_dims', 0) + depth)])];
}

function constant(node: NodeView): Known[] {
  const tensor = node.tensor('value');
  if (tensor !== null) return [knownConstant(tensor)];
  const list = node.ints('value_ints');
  if (list !== null) return [known('int64', [Length.of(list.length)], list.map(Length.of))];
  const attribute = node.node.attributes;
  if (attribute.value_int !== undefined) return [known('int64', [], [Length.of(node.int('value_int', 0))])];
  if (attribute.value_float !== undefined) return [known('float32', [])];
  const floats = attribute.value_floats;
  return [known('float32', floats?.kind === 'floats' ? [Length.of(floats.value.length)] : null)];
}

function constantOfShape(node: NodeView): Known[] {
  return [known(node.tensor('value')?.type ?? 'float32', node.input(0).numbers ?? unknownAxes(node.axes(0)))];
}

/** As many open axes as a shape of one axis has numbers. */
function unknownAxes(shape: Axes): Axes {
  const rank = shape?.[0]?.value ?? null;
  return rank === null ? null : new Array<Axis>(rank).fill(null);
}

function range(node: NodeView): Known[] {
  const [start, limit, step] = [0, 1, 2].map((at) => node.input(at).numbers?.[0] ?? null);
  const by = step?.value ?? null;
  const isKnown =
    start !== null && start !== undefined && limit !== null && limit !== undefined && by !== null && by > 0;
  return [
    known(node.type(), [
      isKnown
        ? limit
            .minus(start)
            .plus(by - 1)
            .over(by)
        : null,
    ]),
  ];
}

function topK(node: NodeView): Known[] {
  const axes = node.axes(0);
  const at = axes === null ? 0 : axisOf(node.int('axis', -1), axes.length);
  const out = axes?.with(at, node.input(1).numbers?.[0] ?? null) ?? null;
  return [known(node.type(), out), known('int64', out)];
}

function oneHot(node: NodeView): Known[] {
  const axes = node.axes(0);
  if (axes === null) return [known(node.type(2), null)];
  const at = axisOf(node.int('axis', -1), axes.length + 1);
  return [known(node.type(2), axes.toSpliced(at, 0, node.input(1).numbers?.[0] ?? null))];
}

export const INDEX_RULES: Rules = {
  Slice: slice,
  Gather: gather,
  GatherElements: (node) => [known(node.type(), node.axes(1))],
  GatherND: gatherNd,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Range: range,
  TopK: topK,
  OneHot: oneHot,
  EyeLike: (node) => [known(node.type(), node.axes(0))],
  NonZero: (node) => {
    const rank = node.axes(0)?.length;
    return [known('int64', [rank === undefined ? null : Length.of(rank), null])];
  },
};
