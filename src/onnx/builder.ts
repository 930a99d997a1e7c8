import { ExportError, mustBe } from '../errors.js';
import type { AttributeValue, OnnxConstant, OnnxNode } from './proto.js';

export const int = (value: number): AttributeValue => ({ kind: 'int', value });
export const ints = (value: readonly number[]): AttributeValue => ({ kind: 'ints', value });
export const float = (value: number): AttributeValue => ({ kind: 'float', value });
export const floats = (value: readonly number[]): AttributeValue => ({ kind: 'floats', value });
export const text = (value: string): AttributeValue => ({ kind: 'string', value });
export const texts = (value: readonly string[]): AttributeValue => ({ kind: 'strings', value });

/** What one operator is given beyond its inputs. */
interface OpOptions {
  /** Name of its one output; default: made from the node's name. */
  readonly output?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** Collects ONNX nodes and constants under unique names. */
export class OnnxBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly #constantNames = new Set<string>();
  readonly #outputs = new Set<string>();
  readonly #nodeNames = new Map<string, number>();

  /** Adds an operator with one output and returns that output's name. `name` is numbered where it is taken. */
  op(opType: string, name: string, inputs: readonly string[], options: OpOptions = {}): string {
    return this.opOutput(0, opType, name, inputs, options);
  }

  /** Adds an operator of which only output `index` is wanted. */
  opOutput(index: number, opType: string, name: string, inputs: readonly string[], options: OpOptions = {}): string {
    const unique = this.#unique(name);
    const output = options.output ?? `${unique}/out`;
    if (this.#outputs.has(output)) {
      throw new ExportError('ERR_EXPORT', mustBe('name of an ONNX value', 'free (rename the layer)', output));
    }
    this.#outputs.add(output);
    const outputs = [...new Array<string>(index).fill(''), output];
    this.nodes.push({ opType, name: unique, inputs, outputs, attributes: options.attributes ?? {} });
    return output;
  }

  /** Adds a float constant once; `data` is only computed the first time a name is asked for. */
  weight(name: string, shape: readonly number[], data: () => Float32Array): string {
    if (!this.#constantNames.has(name)) {
      this.#constantNames.add(name);
      this.constants.push({ name, shape, data: data() });
    }
    return name;
  }

  /** A list of whole numbers as a constant; equal lists share it. */
  int64(values: readonly number[]): string {
    const name = `const/${values.join(',')}`;
    if (!this.#constantNames.has(name)) {
      this.#constantNames.add(name);
      this.constants.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    }
    return name;
  }

  /** One float as a constant; equal ones share it. */
  scalar(value: number): string {
    return this.weight(`const/${value}f`, [], () => Float32Array.of(value));
  }

  #unique(name: string): string {
    const count = this.#nodeNames.get(name) ?? 0;
    this.#nodeNames.set(name, count + 1);
    return count === 0 ? name : `${name}#${count}`;
  }
}
