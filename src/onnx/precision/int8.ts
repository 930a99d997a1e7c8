/**
 * Weights in int8. Large dense layers compute in whole numbers: their inputs are quantised in every run by what they hold
 * (`DynamicQuantizeLinear`). All other layers read weights that are widened once, when the model is loaded: smaller
 * products gain nothing, `ConvInteger` takes three to six times as long as `Conv` in onnxruntime 1.30 on x86-64, and ONNX
 * has no recurrent operator in whole numbers.
 */
import { ExportError, mustBe } from '../../errors.js';
import type { AttributeValue, OnnxConstant, OnnxModel, OnnxNode } from '../proto.js';
import { valuesRead } from '../values-read.js';
import { castTo, isFrontEnd, nodeOf } from './nodes.js';
import { quantize } from './quantize.js';

/**
 * Weights of whole-number products: with 7 bits, a pair of products with 8-bit inputs fits the 16 bits that AVX2 sums pairs
 * in (2 · 255 · 63 < 2^15), so that all processors compute the same.
 */
const LARGEST_FACTOR = 63;
const LARGEST_STORED = 127;
/** Smaller weights are not worth their nodes. */
const LEAST_NUMBERS = 256;
/** From about 256 x 256 on, whole-number products are faster than those of floats at any batch (`npm run bench:onnx`). */
const LEAST_PRODUCT = 65_536;

/** Operator → the inputs that are weights, and the axis of these that is the layer's outputs. */
const STORED: Readonly<Record<string, { readonly inputs: readonly number[]; readonly axis: number }>> = {
  LSTM: { inputs: [1, 2], axis: 1 },
  GRU: { inputs: [1, 2], axis: 1 },
  RNN: { inputs: [1, 2], axis: 1 },
  Conv: { inputs: [1], axis: 0 },
  ConvTranspose: { inputs: [1], axis: 1 },
  MatMul: { inputs: [1], axis: -1 },
  Gemm: { inputs: [1], axis: 1 },
  Gather: { inputs: [0], axis: 0 },
};

/**
 * A model with weights in int8: symmetric, with a scale of their own for every column of a dense layer, gate of a recurrent
 * layer's unit and filter of a convolution. In ONNX's standard operators alone; inputs and outputs stay float32. Tables of
 * a front-end and small weights stay as they are.
 *
 * @returns the same model for the same model
 * @throws ExportError `ERR_EXPORT` naming a weight that is not finite
 */
export function toInt8(model: OnnxModel): OnnxModel {
  return new Int8Writer(model).write();
}

class Int8Writer {
  readonly #model: OnnxModel;
  readonly #weights: ReadonlyMap<string, OnnxConstant>;
  readonly #added: OnnxConstant[] = [];
  readonly #widened = new Map<string, OnnxNode[]>();
  readonly #nodes: OnnxNode[] = [];
  readonly #inputs = new Map<string, string>();

  constructor(model: OnnxModel) {
    this.#model = model;
    this.#weights = new Map(model.graph.constants.filter(isWorthIt).map((one) => [one.name, one]));
  }

  write(): OnnxModel {
    const { graph } = this.#model;
    for (const node of graph.nodes) this.#writeNode(node);
    const nodes = [...[...this.#widened.values()].flat(), ...this.#nodes];
    const read = new Set([...nodes.flatMap(valuesRead), ...graph.outputs.map(({ name }) => name)]);
    const constants = [...graph.constants, ...this.#added].filter(
      ({ name }) => read.has(name) && !this.#widened.has(name),
    );
    return { ...this.#model, graph: { ...graph, constants, nodes } };
  }

  #writeNode(node: OnnxNode): void {
    const kernel = this.#weights.get(node.inputs[1] ?? '');
    if (kernel !== undefined && kernel.data.length >= LEAST_PRODUCT && isDense(node) && kernel.shape.length === 2) {
      this.#writeDense(node, kernel);
      return;
    }
    const { inputs, axis } = STORED[node.opType] ?? { inputs: [], axis: 0 };
    for (const at of inputs) {
      const weight = this.#weights.get(node.inputs[at] ?? '');
      if (weight === undefined) continue;
      const turned = node.opType === 'Gemm' && isSet(node.attributes.transB) ? 0 : axis;
      this.#widen(weight, turned < 0 ? turned + weight.shape.length : turned);
    }
    this.#nodes.push(node);
  }

  /** `y = (xq · wq) · (scale of x · scales of w) + bias` */
  #writeDense({ name, inputs, outputs, attributes }: OnnxNode, kernel: OnnxConstant): void {
    const { data, nIn, nOut } = inputsFirst(kernel, isSet(attributes.transB));
    const { data: whole, scales } = quantize(data, nOut, (at) => at % nOut, LARGEST_FACTOR);
    const [factors, scale] = [`${kernel.name}/int8`, `${kernel.name}/scale`];
    this.#constant({ name: factors, type: 'int8', shape: [nIn, nOut], data: whole });
    this.#constant({ name: scale, type: 'float32', shape: [nOut], data: scales });
    const x = this.#quantized(inputs[0]!);
    const [product, asFloat, both] = [`${name}/product`, `${name}/float`, `${name}/scales`];
    const [output = ''] = outputs;
    const bias = inputs[2];
    const sum = bias === undefined || bias === '' ? output : `${name}/scaled`;
    this.#nodes.push(
      nodeOf('MatMulInteger', [x, factors, `${x}/zero`], product),
      castTo('float32', product, asFloat),
      nodeOf('Mul', [`${x}/scale`, scale], both),
      nodeOf('Mul', [asFloat, both], sum),
    );
    if (sum !== output) this.#nodes.push(nodeOf('Add', [sum, bias!], output));
  }

  /** A value in 8 bits, once for all that read it. */
  #quantized(x: string): string {
    const known = this.#inputs.get(x);
    if (known !== undefined) return known;
    const q = `${x}/uint8`;
    this.#inputs.set(x, q);
    const outputs = [q, `${q}/scale`, `${q}/zero`];
    this.#nodes.push({ opType: 'DynamicQuantizeLinear', name: q, inputs: [x], outputs, attributes: {} });
    return q;
  }

  /** Stores a weight whole, and makes it again under its own name. */
  #widen({ name, shape, data }: OnnxConstant, axis: number): void {
    if (this.#widened.has(name) || !(data instanceof Float32Array)) return;
    const [nChannels, inner] = [shape[axis]!, shape.slice(axis + 1).reduce((size, length) => size * length, 1)];
    const { data: whole, scales } = quantize(
      data,
      nChannels,
      (at) => Math.floor(at / inner) % nChannels,
      LARGEST_STORED,
    );
    const [stored, scale, asFloat] = [`${name}/int8`, `${name}/scale`, `${name}/float`];
    this.#constant({ name: stored, type: 'int8', shape, data: whole });
    this.#constant({
      name: scale,
      type: 'float32',
      shape: shape.map((length, at) => (at === axis ? length : 1)),
      data: scales,
    });
    // Not `DequantizeLinear`, which onnxruntime computes in every run.
    this.#widened.set(name, [castTo('float32', stored, asFloat), nodeOf('Mul', [asFloat, scale], name)]);
  }

  #constant(constant: OnnxConstant): void {
    if (!this.#added.some(({ name }) => name === constant.name)) this.#added.push(constant);
  }
}

function isWorthIt({ name, data }: OnnxConstant): boolean {
  if (!(data instanceof Float32Array) || data.length < LEAST_NUMBERS || isFrontEnd(name)) return false;
  const wrong = data.find((value) => !Number.isFinite(value));
  if (wrong === undefined) return true;
  throw new ExportError('ERR_EXPORT', mustBe(`weight "${name}"`, 'finite for int8', wrong), { name });
}

/** `x · kernel`, and nothing else beside a bias. */
function isDense({ opType, attributes: { alpha, beta, transA } }: OnnxNode): boolean {
  if (opType === 'MatMul') return true;
  const isOne = (scale: AttributeValue | undefined) =>
    scale === undefined || (scale.kind === 'float' && scale.value === 1);
  return opType === 'Gemm' && isOne(alpha) && isOne(beta) && !isSet(transA);
}

function isSet(attribute: AttributeValue | undefined): boolean {
  return attribute?.kind === 'int' && attribute.value !== 0;
}

/** A kernel as `[in, out]`. */
function inputsFirst({ shape, data }: OnnxConstant, isTurned: boolean) {
  const floats = Float32Array.from(data, Number);
  const [nIn, nOut] = isTurned ? [shape[1]!, shape[0]!] : [shape[0]!, shape[1]!];
  if (!isTurned) return { data: floats, nIn, nOut };
  return { data: floats.map((_, at) => floats[(at % nOut) * nIn + Math.floor(at / nOut)]!), nIn, nOut };
}
