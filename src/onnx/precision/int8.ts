/**
 * Weights in int8. Large dense layers compute in whole numbers: their inputs are quantised in every run by what they hold
 * (`DynamicQuantizeLinear`). All other layers read weights that are widened once, when the model is loaded: smaller
 * products gain nothing, `ConvInteger` takes three to six times as long as `Conv` in onnxruntime 1.30 on x86-64, and ONNX
 * has no recurrent operator in whole numbers.
 */
import { ExportError, mustBe } from '../../errors.js';
import type { AttributeValue, OnnxConstant, OnnxModel, OnnxNode } from '../proto.js';
import { valuesRead } from '../values-read.js';
import { isFrontEnd, NodeMaker } from './nodes.js';
import { quantize } from './quantize.js';

/**
 * Weights of whole-number products: with 7 bits, a pair of products with 8-bit inputs fits the 16 bits that AVX2 sums pairs
 * in (2 · 255 · 63 < 2^15), so that all processors compute the same.
 */
const LARGEST_FACTOR = 63;
const LARGEST_STORED = 127;
export interface Int8Limits {
  /** Weights of fewer numbers stay as they are. Default 256: smaller ones are not worth their nodes. */
  readonly leastNumbers?: number;
  /**
   * Dense layers of as many weights multiply whole numbers. Default 65 536: from about 256 x 256 on that is faster at any
   * batch (`npm run bench:onnx`).
   */
  readonly leastProduct?: number;
}

const LEAST_NUMBERS = 256;
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
export function toInt8(model: OnnxModel, limits: Int8Limits = {}): OnnxModel {
  return new Int8Writer(model, limits).write();
}

/** Names of a kernel's whole numbers and of their scales. */
interface WholeKernel {
  readonly whole: string;
  readonly scales: string;
}

/** Names of what `DynamicQuantizeLinear` makes. */
interface WholeInput {
  readonly whole: string;
  readonly scale: string;
  readonly zero: string;
}

class Int8Writer {
  readonly #model: OnnxModel;
  readonly #weights: ReadonlyMap<string, OnnxConstant>;
  readonly #added: OnnxConstant[] = [];
  readonly #widened = new Map<string, OnnxNode[]>();
  readonly #nodes: OnnxNode[] = [];
  readonly #kernels = new Map<string, WholeKernel>();
  readonly #inputs = new Map<string, WholeInput>();
  readonly #make: NodeMaker;
  readonly #leastProduct: number;

  constructor(model: OnnxModel, { leastNumbers = LEAST_NUMBERS, leastProduct = LEAST_PRODUCT }: Int8Limits) {
    this.#model = model;
    this.#leastProduct = leastProduct;
    this.#make = new NodeMaker(model.graph);
    const large = model.graph.constants.filter((one) => isWorthIt(one, leastNumbers));
    this.#weights = new Map(large.map((one) => [one.name, one]));
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
    if (
      kernel !== undefined &&
      kernel.data.length >= this.#leastProduct &&
      isDense(node) &&
      kernel.shape.length === 2
    ) {
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
  #writeDense({ name, inputs, outputs, attributes }: OnnxNode, constant: OnnxConstant): void {
    const kernel = this.#wholeKernel(constant, isSet(attributes.transB));
    const x = this.#wholeInput(inputs[0]!);
    const [output = ''] = outputs;
    const bias = inputs[2] ?? '';
    const make = this.#make;
    const [product, asFloat, scales] = ['product', 'float', 'scales'].map((part) => make.value(`${name}/${part}`));
    const sum = bias === '' ? output : make.value(`${name}/scaled`);
    this.#nodes.push(
      make.node('MatMulInteger', [x.whole, kernel.whole, x.zero], [product!]),
      make.cast('float32', product!, asFloat!),
      make.node('Mul', [x.scale, kernel.scales], [scales!]),
      make.node('Mul', [asFloat!, scales!], [sum]),
    );
    if (bias !== '') this.#nodes.push(make.node('Add', [sum, bias], [output]));
  }

  /** A kernel `[in, out]` in 7 bits, once for all that multiply with it. */
  #wholeKernel(constant: OnnxConstant, isTurned: boolean): WholeKernel {
    const key = `${constant.name} ${isTurned}`;
    const known = this.#kernels.get(key);
    if (known !== undefined) return known;
    const { data, nIn, nOut } = inputsFirst(constant, isTurned);
    const { data: factors, scales } = quantize(data, nOut, (at) => at % nOut, LARGEST_FACTOR);
    const kernel = {
      whole: this.#constant(`${constant.name}/int8`, [nIn, nOut], factors),
      scales: this.#constant(`${constant.name}/scale`, [nOut], scales),
    };
    this.#kernels.set(key, kernel);
    return kernel;
  }

  /** A value in 8 bits, once for all that read it. */
  #wholeInput(x: string): WholeInput {
    const known = this.#inputs.get(x);
    if (known !== undefined) return known;
    const [whole, scale, zero] = ['', '/scale', '/zero'].map((part) => this.#make.value(`${x}/uint8${part}`));
    const input = { whole: whole!, scale: scale!, zero: zero! };
    this.#nodes.push(this.#make.node('DynamicQuantizeLinear', [x], [input.whole, input.scale, input.zero]));
    this.#inputs.set(x, input);
    return input;
  }

  /** Stores a weight whole, and makes it again under its own name. */
  #widen({ name, shape, data }: OnnxConstant, axis: number): void {
    if (this.#widened.has(name) || !(data instanceof Float32Array)) return;
    const [nChannels, inner] = [shape[axis]!, shape.slice(axis + 1).reduce((size, length) => size * length, 1)];
    const channelOf = (at: number) => Math.floor(at / inner) % nChannels;
    const { data: whole, scales } = quantize(data, nChannels, channelOf, LARGEST_STORED);
    const stored = this.#constant(`${name}/int8`, shape, whole);
    const broadcast = shape.map((length, at) => (at === axis ? length : 1));
    const scale = this.#constant(`${name}/scale`, broadcast, scales);
    const asFloat = this.#make.value(`${name}/float`);
    // Not `DequantizeLinear`, which onnxruntime computes in every run.
    const nodes = [this.#make.cast('float32', stored, asFloat), this.#make.node('Mul', [asFloat, scale], [name])];
    this.#widened.set(name, nodes);
  }

  /** @returns the name it got */
  #constant(name: string, shape: readonly number[], data: Int8Array | Float32Array): string {
    const type = data instanceof Float32Array ? 'float32' : 'int8';
    const constant = { name: this.#make.value(name), type, shape, data } as const;
    this.#added.push(constant);
    return constant.name;
  }
}

function isWorthIt({ name, data }: OnnxConstant, leastNumbers: number): boolean {
  if (!(data instanceof Float32Array) || data.length < leastNumbers || isFrontEnd(name)) return false;
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
