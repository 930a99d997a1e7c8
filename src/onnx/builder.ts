import { ExportError, mustBe } from '../errors.js';
import type { AttributeValue, OnnxConstant, OnnxGraph, OnnxNode } from './proto.js';

export const int = (value: number): AttributeValue => ({ kind: 'int', value });
export const ints = (value: readonly number[]): AttributeValue => ({ kind: 'ints', value });
export const float = (value: number): AttributeValue => ({ kind: 'float', value });
export const floats = (value: readonly number[]): AttributeValue => ({ kind: 'floats', value });
export const text = (value: string): AttributeValue => ({ kind: 'string', value });
export const texts = (value: readonly string[]): AttributeValue => ({ kind: 'strings', value });
export const graph = (value: OnnxGraph): AttributeValue => ({ kind: 'graph', value });

type Attributes = Readonly<Record<string, AttributeValue>>;

/** What one operator is given beyond its inputs. */
interface OpOptions {
  /** Name of its one output; default: made from the node's name. */
  readonly output?: string;
  readonly attributes?: Attributes;
}

interface ReduceOptions {
  readonly keep?: boolean;
  readonly output?: string;
}

type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd' | 'ReduceL2';
/** The opset from which a reduction takes its axes as an input; before, they are an attribute. */
const AXES_AS_INPUT = 18;

function taken(name: string): ExportError {
  return new ExportError('ERR_EXPORT', mustBe('name of an ONNX value', 'free (rename the layer)', name));
}

/** Collects ONNX nodes and constants under unique names, in the forms of one version of ONNX's operators. */
export class OnnxBuilder {
  readonly opset: number;
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly #prefix: string;
  readonly #constantNames = new Set<string>();
  readonly #outputs = new Set<string>();
  readonly #nodeNames = new Map<string, number>();

  /** @param prefix of constants' names: those in the body of a loop must differ from those around it */
  constructor(opset: number, prefix = '') {
    this.opset = opset;
    this.#prefix = prefix;
  }

  /** Adds an operator with one output and returns that output's name. `name` is numbered where it is taken. */
  op(opType: string, name: string, inputs: readonly string[], options: OpOptions = {}): string {
    const unique = this.#unique(name);
    const output = options.output ?? `${unique}/out`;
    this.#add(opType, unique, inputs, [output], options.attributes);
    return output;
  }

  /** Adds an operator of which the outputs that have a name here are wanted; `''` is one that is not. */
  ops(opType: string, name: string, inputs: readonly string[], outputs: readonly string[], attributes?: Attributes) {
    this.#add(opType, this.#unique(name), inputs, outputs, attributes);
  }

  /** Adds an operator as it is, under a name that it keeps: one of another model. */
  node({ opType, name, inputs, outputs, attributes }: OnnxNode): void {
    this.#add(opType, this.#unique(name), inputs, outputs, attributes);
  }

  /** Adds a constant as it is, of another model. */
  constant(constant: OnnxConstant): void {
    if (this.#constantNames.has(constant.name)) throw taken(constant.name);
    this.#constant(constant.name, () => constant);
  }

  /** Sum, mean, … over `axes`, which are kept as axes of one cell only with `keep`. */
  reduce(opType: Reduction, name: string, x: string, axes: readonly number[], options: ReduceOptions = {}): string {
    const keepdims = int(options.keep === true ? 1 : 0);
    const output = options.output === undefined ? {} : { output: options.output };
    if (opType === 'ReduceSum' || this.opset >= AXES_AS_INPUT) {
      return this.op(opType, name, [x, this.int64(axes)], { ...output, attributes: { keepdims } });
    }
    return this.op(opType, name, [x], { ...output, attributes: { axes: ints(axes), keepdims } });
  }

  /** Adds a float constant once; `data` is only computed the first time a name is asked for. */
  weight(name: string, shape: readonly number[], data: () => Float32Array): string {
    return this.#constant(name, () => ({ name, type: 'float32', shape, data: data() }));
  }

  /** A list of whole numbers as a constant; equal lists share it. */
  int64(values: readonly number[]): string {
    const name = `${this.#prefix}const/${values.join(',')}`;
    const data = () => BigInt64Array.from(values, BigInt);
    return this.#constant(name, () => ({ name, type: 'int64', shape: [values.length], data: data() }));
  }

  /** The same value under another name. */
  named(value: string, output: string): string {
    return this.op('Identity', output, [value], { output });
  }

  /** A long list of whole numbers as a constant of its own. */
  indices(name: string, values: readonly number[]): string {
    this.constant({ name, type: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }

  /** One whole number as a constant without axes, where an operator asks for one; equal ones share it. */
  int64Scalar(value: number): string {
    const name = `${this.#prefix}const/${value}i`;
    return this.#constant(name, () => ({ name, type: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) }));
  }

  /** One float as a constant; equal ones share it. */
  scalar(value: number): string {
    return this.weight(`${this.#prefix}const/${value}f`, [], () => Float32Array.of(value));
  }

  /** Adds a constant where there is none of this name. */
  #constant(name: string, make: () => OnnxConstant): string {
    if (this.#constantNames.has(name)) return name;
    if (this.#outputs.has(name)) throw taken(name);
    this.#constantNames.add(name);
    this.constants.push(make());
    return name;
  }

  #add(opType: string, name: string, inputs: readonly string[], outputs: readonly string[], attributes?: Attributes) {
    for (const output of outputs) {
      if (output === '') continue;
      if (this.#outputs.has(output) || this.#constantNames.has(output)) throw taken(output);
      this.#outputs.add(output);
    }
    this.nodes.push({ opType, name, inputs, outputs, attributes: attributes ?? {} });
  }

  #unique(name: string): string {
    const count = this.#nodeNames.get(name) ?? 0;
    this.#nodeNames.set(name, count + 1);
    return count === 0 ? name : `${name}#${count}`;
  }
}
