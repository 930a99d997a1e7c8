/** Weights in float16 (IEEE 754 binary16), widened where they are read: half the file, the same arithmetic. */
import { ExportError, mustBe } from '../../errors.js';
import type { OnnxConstant, OnnxModel, OnnxNode } from '../proto.js';
import { isFrontEnd, NodeMaker } from './nodes.js';

/** Largest finite number: (2 − 2^−10) · 2^15. */
const LARGEST = 65_504;
/** Below it numbers lose digits. */
const LEAST_NORMAL = 2 ** -14;
/** Step between numbers below that. */
const LEAST = 2 ** -24;
const FRACTION_BITS = 10;
const BIAS = 15;
export interface Float16Limits {
  /** Weights of fewer numbers stay as they are. Default 128: a node that widens costs about as many bytes as these save. */
  readonly leastNumbers?: number;
}

const LEAST_NUMBERS = 128;

const view = new DataView(new ArrayBuffer(4));

/** Powers of two without rounding: 2^e for e within float32's exponents. */
function exponentOf(value: number): number {
  view.setFloat32(0, value);
  return ((view.getUint32(0) >>> 23) & 0xff) - 127;
}

/** To the nearest float16, ties to even; in bits. Numbers beyond its range become infinite. */
export function toFloat16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  if (Number.isNaN(value)) return 0x7e00;
  const magnitude = Math.abs(value);
  if (magnitude < LEAST_NORMAL) return sign | roundedToEven(magnitude / LEAST);
  const exponent = Math.min(exponentOf(Math.fround(magnitude)), BIAS + 1);
  // Rounding up to the next power of two carries into the exponent, as it should; past the last one it is infinity.
  const fraction = roundedToEven((magnitude / 2 ** exponent - 1) * 2 ** FRACTION_BITS);
  return sign | Math.min(((exponent + BIAS) << FRACTION_BITS) + fraction, 0x7c00);
}

function roundedToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
}

/**
 * Stores weights as float16 with a `Cast` to float32 at their use, which runtimes compute once when they load a model:
 * CPUs have few operators in float16, and none for recurrent layers. Inputs, outputs and arithmetic stay float32. Tables of
 * a front-end, short constants, and weights that are all below float16's normal numbers stay as they are.
 *
 * @throws ExportError `ERR_EXPORT` naming a weight that is beyond float16's range
 */
export function toFloat16(model: OnnxModel, { leastNumbers = LEAST_NUMBERS }: Float16Limits = {}): OnnxModel {
  const constants: OnnxConstant[] = [];
  const casts: OnnxNode[] = [];
  const make = new NodeMaker(model.graph);
  for (const constant of model.graph.constants) {
    const { name, shape, data } = constant;
    if (!(data instanceof Float32Array) || !isWorthIt(constant, data, leastNumbers)) {
      constants.push(constant);
      continue;
    }
    const stored = make.value(`${name}/float16`);
    constants.push({ name: stored, type: 'float16', shape, data: Uint16Array.from(data, toFloat16Bits) });
    casts.push(make.cast('float32', stored, name));
  }
  return { ...model, graph: { ...model.graph, constants, nodes: [...casts, ...model.graph.nodes] } };
}

function isWorthIt({ name }: OnnxConstant, data: Float32Array, leastNumbers: number): boolean {
  if (data.length < leastNumbers || isFrontEnd(name)) return false;
  const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(largest <= LARGEST)) {
    throw new ExportError('ERR_EXPORT', mustBe(`weight "${name}"`, `within ±${LARGEST} for float16`, largest), {
      name,
    });
  }
  return largest === 0 || largest >= LEAST_NORMAL;
}
