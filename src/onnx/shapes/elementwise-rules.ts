/** Operators that work cell by cell. */
import { ELEMENT_TYPES, type ElementType } from '../proto.js';
import { Length } from './length.js';
import { type Axis, broadcast, type Known, known, type NodeView, type Rule, type Rules } from './node-view.js';

const SAME = [
  'Abs BatchNormalization Ceil Celu Clip CumSum Dropout Elu Erf Exp Floor Gelu GroupNormalization HardSigmoid HardSwish',
  'Hardmax InstanceNormalization LayerNormalization LeakyRelu Log LogSoftmax LpNormalization Mish Neg PRelu RMSNormalization',
  'Reciprocal Relu ReverseSequence Round ScatterElements ScatterND Selu Sigmoid Sign Sin Cos Softmax Softplus Softsign Sqrt',
  'Swish Tanh ThresholdedRelu Trilu',
].flatMap((line) => line.split(' '));

const BROADCAST = 'Mean Mod Pow Sum'.split(' ');
const COMPARISONS = 'And Equal Greater GreaterOrEqual Less LessOrEqual Or Xor'.split(' ');
const TESTS = 'IsInf IsNaN Not'.split(' ');

/** ONNX's number of a type → its name. */
const TYPE_NAMES = new Map<number, ElementType>(
  Object.entries(ELEMENT_TYPES).map(([name, number]) => [number, name as ElementType]),
);

export function typeOfNumber(number: number): ElementType | null {
  return TYPE_NAMES.get(number) ?? null;
}

const same: Rule = (node) => [known(node.type(), node.axes(0))];

function broadcastAs(type: ElementType | null): Rule {
  return (node) => [known(type ?? node.type(), broadcast(node.inputs.map((input) => input?.axes ?? null)))];
}

/** Arithmetic, followed where its operands are lengths: shapes are computed with it. */
function arithmetic(apply: (a: NonNullable<Axis>, b: NonNullable<Axis>) => Axis): Rule {
  return (node) => {
    const [outcome] = broadcastAs(null)(node);
    const [a, b] = [node.input(0).numbers, node.input(1).numbers];
    if (
      node.inputs.length !== 2 ||
      a === null ||
      b === null ||
      (a.length !== b.length && a.length !== 1 && b.length !== 1)
    )
      return [outcome!];
    const numbers = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
      const [x, y] = [a[a.length === 1 ? 0 : i] ?? null, b[b.length === 1 ? 0 : i] ?? null];
      return x === null || y === null ? null : apply(x, y);
    });
    return [{ ...outcome!, numbers }];
  };
}

function cast(node: NodeView): Known[] {
  const type = typeOfNumber(node.int('to', 0));
  const { axes, numbers } = node.input(0);
  return [known(type, axes, type === 'int64' || type === 'int32' ? numbers : null)];
}

function quantize(node: NodeView): Known[] {
  return [known(node.has(2) ? node.type(2) : 'uint8', node.axes(0))];
}

export const ELEMENTWISE_RULES: Rules = {
  ...Object.fromEntries(SAME.map((op) => [op, same])),
  ...Object.fromEntries(BROADCAST.map((op) => [op, broadcastAs(null)])),
  ...Object.fromEntries(COMPARISONS.map((op) => [op, broadcastAs('bool')])),
  ...Object.fromEntries(TESTS.map((op) => [op, (node: NodeView) => [known('bool', node.axes(0))]])),
  Identity: (node) => [node.input(0)],
  Add: arithmetic((a, b) => a.plus(b)),
  Sub: arithmetic((a, b) => a.minus(b)),
  Mul: arithmetic((a, b) => a.times(b)),
  Div: arithmetic((a, b) => a.over(b)),
  Max: arithmetic((a, b) => Length.extreme('max', a, b)),
  Min: arithmetic((a, b) => Length.extreme('min', a, b)),
  Cast: cast,
  CastLike: (node) => [known(node.type(1), node.axes(0))],
  Where: (node) => [known(node.type(1), broadcast([0, 1, 2].map((at) => node.axes(at))))],
  QuantizeLinear: quantize,
  DequantizeLinear: (node) => [known(node.type(1), node.axes(0))],
  DynamicQuantizeLinear: (node) => [known('uint8', node.axes(0)), known('float32', []), known('uint8', [])],
};
