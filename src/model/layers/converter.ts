import type { LayerNode, Shape, ValueInfo, Weight } from '../../graph/index.js';
import type { LayerConfig } from '../layer-config.js';

/** A node without what its place in the graph decides. */
export type NodeBody = LayerNode extends infer Node
  ? Node extends LayerNode
    ? Omit<Node, 'name' | 'inputs' | 'output' | 'trainable'>
    : never
  : never;

/** A layer's weights by role: `weight('kernel')`; `null` where the layer has none of that role. */
export class LayerWeights {
  readonly #config: LayerConfig;
  readonly #prefix: string;
  readonly #weights: readonly Weight[];

  constructor(config: LayerConfig, weights: readonly Weight[], half = '') {
    this.#config = config;
    this.#prefix = `${config.layerName}/${half}`;
    this.#weights = weights;
  }

  optional(role: string): Weight | null {
    return this.#weights.find((weight) => weight.name === this.#prefix + role) ?? null;
  }

  required(role: string): Weight {
    const weight = this.optional(role);
    if (weight === null) throw this.#config.refuse(role, 'a weight', null);
    return weight;
  }

  half(name: 'forward' | 'backward'): LayerWeights {
    return new LayerWeights(this.#config, this.#weights, `${name}/`);
  }
}

interface PartOptions {
  /** Default: the layer's own. */
  readonly inputs?: readonly string[];
  /** Of what the part makes. Default: what its inputs make of it. */
  readonly shape?: Shape;
}

/** Where in a model a layer stands, and what it may add there before its own node. */
export interface LayerPlace {
  /** What the layer's value will be called. */
  readonly name: string;
  /** Values that it is called with; a mask is not among them. */
  readonly inputs: readonly ValueInfo[];
  /** Of everything that it makes, batch included. */
  readonly outputs: readonly Shape[];
  /** Whether a mask comes with the first input. */
  readonly masked: boolean;
  /** Adds a node `<name>/<part>` and returns its value. */
  add(part: string, body: NodeBody, options?: PartOptions): ValueInfo;
  /** Adds an input `<name>/<part>` of the whole graph. */
  addInput(part: string, shape: Shape): ValueInfo;
  /** Makes a value an output of the whole graph, after the model's own. */
  addOutput(value: ValueInfo): void;
}

/** The node of a layer, with the values it reads where those are not just the layer's inputs. */
export interface Converted {
  readonly body: NodeBody;
  readonly inputs?: readonly string[];
}

export type Convert = (config: LayerConfig, weights: LayerWeights, place: LayerPlace) => Converted;

/** A class of layers: what its weights are for, in the order of tfjs's `getWeights()`, and its node. */
export interface LayerClass {
  readonly roles?: (config: LayerConfig) => string[];
  readonly convert: Convert;
}

/** A class whose node follows from its options and weights alone. */
export function plain(
  body: (config: LayerConfig, weights: LayerWeights, place: LayerPlace) => NodeBody,
  roles?: (config: LayerConfig) => string[],
): LayerClass {
  const convert: Convert = (config, weights, place) => ({ body: body(config, weights, place) });
  return roles === undefined ? { convert } : { convert, roles };
}

export function withBias(...roles: string[]): (config: LayerConfig) => string[] {
  return (config) => (config.flag('useBias') ? [...roles, 'bias'] : roles);
}

/** An axis counted from the end where it is negative. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * The same layer where its option `dataFormat` is `'channelsFirst'`: turned to channels-last before it and, unless it
 * leaves no place, back behind it.
 */
export function eitherFormat({ convert, roles }: LayerClass): LayerClass {
  const turned: Convert = (config, weights, place) => {
    if (!config.isChannelsFirst()) return convert(config, weights, place);
    const rank = place.inputs[0]!.shape.length;
    const last = place.add('channelsLast', { op: 'Permute', order: [...axes(2, rank), 1] });
    const outputs = place.outputs.map((shape) => [shape[0]!, ...shape.slice(2), shape[1]!]);
    const { body, inputs = [last.name] } = convert(config, weights, { ...place, inputs: [last], outputs });
    if (place.outputs[0]!.length <= 2) return { body, inputs };
    const { name } = place.add('inChannelsLast', body, { inputs });
    return { body: { op: 'Permute', order: [rank - 1, ...axes(1, rank - 1)] }, inputs: [name] };
  };
  return roles === undefined ? { convert: turned } : { convert: turned, roles };
}

function axes(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
