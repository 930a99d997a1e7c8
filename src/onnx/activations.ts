import { ExportError, mustBe } from '../errors.js';
import type { Activation } from '../graph/index.js';
import { float, int, type OnnxBuilder } from './builder.js';
import type { AttributeValue } from './proto.js';

type Write = (builder: OnnxBuilder, x: string, name: string, output: string) => string;

function single(opType: string, attributes: Readonly<Record<string, AttributeValue>> = {}): Write {
  return (builder, x, name, output) => builder.op(opType, name, [x], { output, attributes });
}

/** `clamp(0.2·x + 0.5, 0, 1)`: Keras' and tfjs's constants, which are ONNX's defaults too. */
const HARD_SIGMOID = { alpha: 0.2, beta: 0.5 } as const;
/** Klambauer et al. 2017, as tfjs has them. */
const SELU = { alphaGamma: 1.7580993408473768, gamma: 1.0507009873554805 } as const;

/** x · gate(x) */
function gated(gate: (builder: OnnxBuilder, x: string, name: string) => string): Write {
  return (builder, x, name, output) => builder.op('Mul', name, [x, gate(builder, x, `${name}/gate`)], { output });
}

/** (1 + f(x)) / 2 */
function halfOnePlus(builder: OnnxBuilder, f: string, name: string): string {
  const sum = builder.op('Add', `${name}/plus_one`, [f, builder.scalar(1)]);
  return builder.op('Mul', name, [sum, builder.scalar(0.5)]);
}

const GELU_TANH_CUBIC = 0.044715;

const WRITERS: Readonly<Record<Exclude<Activation, 'linear'>, Write>> = {
  relu: single('Relu'),
  relu6: (builder, x, name, output) => builder.op('Clip', name, [x, builder.scalar(0), builder.scalar(6)], { output }),
  elu: single('Elu'),
  selu: single('Selu', { alpha: float(SELU.alphaGamma / SELU.gamma), gamma: float(SELU.gamma) }),
  sigmoid: single('Sigmoid'),
  hardSigmoid: single('HardSigmoid', { alpha: float(HARD_SIGMOID.alpha), beta: float(HARD_SIGMOID.beta) }),
  tanh: single('Tanh'),
  softmax: single('Softmax', { axis: int(-1) }),
  logSoftmax: single('LogSoftmax', { axis: int(-1) }),
  softplus: single('Softplus'),
  softsign: single('Softsign'),
  swish: gated((builder, x, name) => builder.op('Sigmoid', name, [x])),
  mish: gated((builder, x, name) => builder.op('Tanh', name, [builder.op('Softplus', `${name}/softplus`, [x])])),
  gelu: gated((builder, x, name) => {
    const scaled = builder.op('Mul', `${name}/scaled`, [x, builder.scalar(Math.SQRT1_2)]);
    return halfOnePlus(builder, builder.op('Erf', `${name}/erf`, [scaled]), name);
  }),
  geluTanh: gated((builder, x, name) => {
    const cube = builder.op('Mul', `${name}/cube`, [x, builder.op('Mul', `${name}/square`, [x, x])]);
    const small = builder.op('Mul', `${name}/small`, [cube, builder.scalar(GELU_TANH_CUBIC)]);
    const sum = builder.op('Add', `${name}/sum`, [x, small]);
    const scaled = builder.op('Mul', `${name}/scaled`, [sum, builder.scalar(Math.sqrt(2 / Math.PI))]);
    return halfOnePlus(builder, builder.op('Tanh', `${name}/tanh`, [scaled]), name);
  }),
};

/** Whether an activation looks along the last axis and so needs the graph's own layout. */
export function needsLastAxis(activation: Activation): boolean {
  return activation === 'softmax' || activation === 'logSoftmax';
}

/** Writes a non-linear activation of `x` as operator `name` making `output`. */
export function writeActivation(
  builder: OnnxBuilder,
  activation: Exclude<Activation, 'linear'>,
  x: string,
  name: string,
  output: string,
): string {
  return WRITERS[activation](builder, x, name, output);
}

interface RecurrentActivation {
  readonly name: string;
  readonly alpha?: number;
  readonly beta?: number;
}

/** What ONNX's recurrent operators know by name. */
const RECURRENT: Readonly<Partial<Record<Activation, RecurrentActivation>>> = {
  linear: { name: 'Affine', alpha: 1, beta: 0 },
  relu: { name: 'Relu' },
  elu: { name: 'Elu', alpha: 1 },
  sigmoid: { name: 'Sigmoid' },
  hardSigmoid: { name: 'HardSigmoid', ...HARD_SIGMOID },
  tanh: { name: 'Tanh' },
  softplus: { name: 'Softplus' },
  softsign: { name: 'Softsign' },
};

export function hasRecurrentForm(activation: Activation): boolean {
  return RECURRENT[activation] !== undefined;
}

/** @throws ExportError `ERR_EXPORT` naming the layer, for an activation that ONNX's recurrent operators lack */
export function recurrentActivation(layer: string, activation: Activation): RecurrentActivation {
  const found = RECURRENT[activation];
  if (found !== undefined) return found;
  const known = Object.keys(RECURRENT).join(' | ');
  throw new ExportError('ERR_EXPORT', mustBe(`activation of recurrent layer "${layer}"`, known, activation), { layer });
}
