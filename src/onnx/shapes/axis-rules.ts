/** Operators that lay axes out anew: what a shape becomes follows from their attributes and from numbers among their inputs. */
import { Length } from './length.js';
import {
  type Axes,
  type Axis,
  axisOf,
  broadcast,
  type Known,
  known,
  MOST_NUMBERS,
  type NodeView,
  ONE,
  type Rule,
  type Rules,
  sizeOf,
} from './node-view.js';

const REDUCTIONS = 'L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare'.split(' ').map((name) => `Reduce${name}`);

function reduced(axes: Axes, over: readonly number[] | null, keep: boolean): Axes {
  if (axes === null) return null;
  const gone = new Set((over ?? axes.map((_, axis) => axis)).map((axis) => axisOf(axis, axes.length)));
  if (keep) return axes.map((length, axis) => (gone.has(axis) ? ONE : length));
  return axes.filter((_, axis) => !gone.has(axis));
}

function reduce(node: NodeView): Known[] {
  const axes = node.axes(0);
  const over = node.axesAt(1);
  const isOpen = over === null && node.has(1);
  if (over === null && !isOpen && node.int('noop_with_empty_axes', 0) === 1) return [known(node.type(), axes)];
  return [known(node.type(), isOpen ? null : reduced(axes, over?.length ? over : null, node.int('keepdims', 1) === 1))];
}

function argument(node: NodeView): Known[] {
  return [known('int64', reduced(node.axes(0), [node.int('axis', 0)], node.int('keepdims', 1) === 1))];
}

function transpose(node: NodeView): Known[] {
  const axes = node.axes(0);
  const order = node.ints('perm') ?? axes?.map((_, axis) => axes.length - 1 - axis);
  return [known(node.type(), axes === null ? null : order!.map((axis) => axes[axis] ?? null))];
}

/** 0 keeps a length, one −1 takes what is left. */
function reshape(node: NodeView): Known[] {
  const [from, target] = [node.axes(0), node.input(1).numbers];
  const rank = node.axes(1)?.[0]?.value ?? null;
  if (target === null) return [known(node.type(), rank === null ? null : new Array<Axis>(rank).fill(null))];
  const keeps = node.int('allowzero', 0) === 0;
  const axes = target.map((length, axis) => (length?.value === 0 && keeps ? (from?.[axis] ?? null) : length));
  const open = axes.findIndex((length) => length?.value === -1);
  if (open === -1) return [known(node.type(), axes, node.input(0).numbers)];
  const [all, others] = [sizeOf(from), sizeOf(axes.filter((_, axis) => axis !== open))];
  const left = all === null || others === null ? null : all.over(others);
  return [known(node.type(), axes.with(open, left), axes.length === 1 ? node.input(0).numbers : null)];
}

function squeeze(node: NodeView): Known[] {
  const { type, axes, numbers } = node.input(0);
  const gone = node.axesAt(1);
  if (axes === null || (gone === null && node.has(1))) return [known(type, null, numbers)];
  const picked = new Set(gone?.map((axis) => axisOf(axis, axes.length)));
  return [
    known(
      type,
      axes.filter((length, axis) => (gone === null ? length?.value !== 1 : !picked.has(axis))),
      numbers,
    ),
  ];
}

function unsqueeze(node: NodeView): Known[] {
  const { type, axes, numbers } = node.input(0);
  const added = node.axesAt(1);
  if (axes === null || added === null) return [known(type, null, numbers)];
  const rank = axes.length + added.length;
  const places = new Set(added.map((axis) => axisOf(axis, rank)));
  const rest = [...axes];
  return [
    known(
      type,
      Array.from({ length: rank }, (_, at) => (places.has(at) ? ONE : rest.shift()!)),
      numbers,
    ),
  ];
}

function flatten(node: NodeView): Known[] {
  const axes = node.axes(0);
  if (axes === null) return [known(node.type(), [null, null])];
  const at = axisOf(node.int('axis', 1), axes.length);
  return [known(node.type(), [sizeOf(axes.slice(0, at)), sizeOf(axes.slice(at))])];
}

/** As many unknown numbers as a short list of whole ones has. */
function unknownNumbers({ type, axes }: Known): readonly Axis[] | null {
  const n = axes?.length === 1 ? (axes[0]?.value ?? null) : null;
  return type === 'int64' && n !== null && n <= MOST_NUMBERS ? new Array<Axis>(n).fill(null) : null;
}

function concat(node: NodeView): Known[] {
  const all = node.inputs.map((input) => input?.axes ?? null).filter((axes) => axes !== null);
  const numbers = node.inputs.map((input) => input?.numbers ?? (input === null ? null : unknownNumbers(input)));
  const joined = numbers.every((list) => list !== null) ? numbers.flat() : null;
  const first = all[0];
  if (first === undefined || all.length < node.inputs.length) return [known(node.type(), null, joined)];
  const at = axisOf(node.int('axis', 0), first.length);
  const lengths = all.map((axes) => axes[at] ?? null);
  const sum = lengths.every((length) => length !== null) ? Length.sum(lengths) : null;
  const axes = first.map((length, axis) =>
    axis === at ? sum : (length ?? all.find((one) => one[axis])?.[axis] ?? null),
  );
  return [known(node.type(), axes, joined)];
}

function split(node: NodeView): Known[] {
  const axes = node.axes(0);
  const n = node.node.outputs.length;
  if (axes === null) return new Array<Known>(n).fill(known(node.type(), null));
  const at = axisOf(node.int('axis', 0), axes.length);
  const sizes = node.has(1) ? node.numbers(1) : node.ints('split');
  const whole = axes[at] ?? null;
  const part = whole === null ? null : whole.plus(n - 1).over(n);
  return Array.from({ length: n }, (_, i) => {
    const last = part !== null && whole !== null && i === n - 1 ? whole.minus(part.times(n - 1)) : part;
    const length = sizes === null ? (node.has(1) ? null : last) : Length.of(sizes[i] ?? 0);
    return known(node.type(), axes.with(at, length));
  });
}

function tile(node: NodeView): Known[] {
  const [axes, times] = [node.axes(0), node.input(1).numbers];
  if (axes === null || times === null) return [known(node.type(), axes?.map(() => null) ?? null)];
  return [
    known(
      node.type(),
      axes.map((length, axis) => product(length, times[axis] ?? null)),
    ),
  ];
}

function product(a: Axis, b: Axis): Axis {
  return a === null || b === null ? null : a.times(b);
}

function expand(node: NodeView): Known[] {
  return [known(node.type(), broadcast([node.axes(0), node.input(1).numbers]))];
}

function pad(node: NodeView): Known[] {
  const axes = node.axes(0);
  const cells = node.has(1) ? node.input(1).numbers : (node.ints('pads')?.map(Length.of) ?? null);
  if (axes === null || cells === null || (node.has(3) && node.numbers(3) === null)) {
    return [known(node.type(), axes?.map(() => null) ?? null)];
  }
  const places = (node.numbers(3) ?? axes.map((_, axis) => axis)).map((axis) => axisOf(axis, axes.length));
  const out = [...axes];
  places.forEach((axis, i) => {
    const parts = [out[axis] ?? null, cells[i] ?? null, cells[i + places.length] ?? null];
    out[axis] = parts.every((part) => part !== null) ? Length.sum(parts) : null;
  });
  return [known(node.type(), out)];
}

const shapeOf: Rule = (node) => {
  const axes = node.axes(0);
  if (axes === null) return [known('int64', [null])];
  const [start, end] = [node.int('start', 0), node.int('end', axes.length)];
  const numbers = axes.slice(start, end);
  return [known('int64', [Length.of(numbers.length)], numbers)];
};

export const AXIS_RULES: Rules = {
  ...Object.fromEntries(REDUCTIONS.map((op) => [op, reduce])),
  ArgMax: argument,
  ArgMin: argument,
  Transpose: transpose,
  Reshape: reshape,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Flatten: flatten,
  Concat: concat,
  Split: split,
  Tile: tile,
  Expand: expand,
  Pad: pad,
  Shape: shapeOf,
  Size: (node) => [known('int64', [], [sizeOf(node.axes(0))])],
};
