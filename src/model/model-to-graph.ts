import { ModelError, mustBe } from '../errors.js';
import {
  type Graph,
  type LayerNode,
  outputShape,
  type Shape,
  type ValueInfo,
  validateGraph,
  type Weight,
} from '../graph/index.js';
import { LayerConfig } from './layer-config.js';
import { readLayerWeights } from './layer-weights.js';
import { LayerWeights, layerConverter, type NodeBody } from './layers.js';
import { isModel, namedLayers } from './named-layers.js';
import type { Layer, LayersModel, SymbolicTensor } from './tf.js';

/**
 * A built tfjs model as plain data, weights copied. The value that a layer makes carries the layer's name, so the
 * graph's inputs and outputs are called as the model's input and output layers; the same weights give the same graph.
 *
 * A nested model is written out where it is called, its layers named `<model>/<layer>`; what makes its one output has the
 * model's own name.
 *
 * @param model any `LayersModel`
 * @throws ModelError `ERR_LAYER` naming layer and class where no node covers it; `ERR_MODEL` for a model without layers
 */
export function modelToGraph(model: LayersModel): Graph {
  if ((model.inputs ?? []).length === 0) {
    throw new ModelError('ERR_MODEL', mustBe(`model "${model.name}"`, 'one with layers', 'an empty model'));
  }
  return new GraphReader(model).read();
}

/** One call of a model: the whole, or a nested one at one of its places. */
interface Scope {
  /** By the symbolic tensor's id: the value that holds it. */
  readonly values: Map<number, ValueInfo>;
  /** By the tensor's id too: the mask that comes with it. */
  readonly masks: Map<number, ValueInfo>;
  /** The tensor whose value has another name than its layer's. */
  readonly named: { readonly tensor: number; readonly name: string } | null;
  readonly isNested: boolean;
  readonly trainable: boolean;
}

class GraphReader {
  readonly #model: LayersModel;
  readonly #names: ReadonlyMap<Layer, string>;
  readonly #nodes: LayerNode[] = [];
  readonly #shapes = new Map<string, Shape>();
  readonly #weights = new Map<Layer, Weight[]>();
  readonly #uses = new Map<Layer, number>();

  constructor(model: LayersModel) {
    this.#model = model;
    this.#names = namedLayers(model);
  }

  read(): Graph {
    const { name, inputs, outputs } = this.#model;
    const whole: Scope = {
      values: new Map(),
      masks: new Map(),
      named: null,
      isNested: false,
      trainable: this.#model.trainable,
    };
    const graph: Graph = {
      name,
      inputs: inputs.map((tensor) => this.#value(tensor, whole)),
      outputs: outputs.map((tensor) => this.#value(tensor, whole).name),
      nodes: this.#nodes,
    };
    validateGraph(graph);
    return graph;
  }

  /** The value of a symbolic tensor; makes the node behind it, and all before it, on first sight. */
  #value(tensor: SymbolicTensor, scope: Scope): ValueInfo {
    const known = scope.values.get(tensor.id);
    if (known !== undefined) return known;
    const layer = tensor.sourceLayer;
    if (isModel(layer)) return this.#call(layer, tensor, scope);
    const isInput = layer.getClassName() === 'InputLayer';
    const value = isInput ? valueInfo(layer.name, tensor) : this.#node(layer, tensor, scope);
    this.#shapes.set(value.name, value.shape);
    scope.values.set(tensor.id, value);
    return value;
  }

  /** The nodes of a nested model at one of its places. */
  #call(model: LayersModel, tensor: SymbolicTensor, scope: Scope): ValueInfo {
    const use = model.inboundNodes[tensor.nodeIndex];
    const given = (use?.inputTensors ?? []).map((source) => this.#value(source, scope));
    const name = this.#valueName(model, tensor, scope);
    const [only] = model.outputs;
    const masks = model.inputs.flatMap(({ id }, i): [number, ValueInfo][] => {
      const mask = scope.masks.get(use?.inputTensors[i]?.id ?? -1);
      return mask === undefined ? [] : [[id, mask]];
    });
    const inside: Scope = {
      values: new Map(model.inputs.map((input, i) => [input.id, given[i]!])),
      masks: new Map(masks),
      named: model.outputs.length === 1 ? { tensor: only!.id, name } : null,
      isNested: true,
      trainable: scope.trainable && model.trainable,
    };
    const made = model.outputs.map((output) => this.#value(output, inside));
    use?.outputTensors.forEach((output, i) => {
      scope.values.set(output.id, made[i]!);
      const mask = inside.masks.get(model.outputs[i]?.id ?? -1);
      if (mask !== undefined) scope.masks.set(output.id, mask);
    });
    return scope.values.get(tensor.id)!;
  }

  #node(layer: Layer, tensor: SymbolicTensor, scope: Scope): ValueInfo {
    const config = LayerConfig.of(layer, this.#nameOf(layer));
    const convert = layerConverter(config);
    const sources = layer.inboundNodes[tensor.nodeIndex]?.inputTensors ?? [];
    const inputs = sources.map((source) => this.#value(source, scope));
    const name = this.#valueName(layer, tensor, scope);
    const trainable = scope.trainable && layer.trainable;
    const mask = this.#mask(config, name, inputs[0], sources, scope);
    const place = { rank: tensor.shape.length, nInputs: inputs.length, masked: mask !== null };
    const body = convert(config, new LayerWeights(config, this.#weightsOf(layer)), place);
    if (mask !== null) {
      if (readsMask(body)) inputs.push(mask);
      if (passesMask(body)) scope.masks.set(tensor.id, mask);
      if (!layer.supportsMasking) throw config.refuse('input', 'without a mask', 'one behind a Masking layer');
    }
    const node: LayerNode = {
      ...body,
      name,
      inputs: inputs.map((input) => input.name),
      output: valueInfo(name, tensor),
      trainable,
    };
    return this.#add(scope.isNested ? this.#placed(node) : node);
  }

  #add(node: LayerNode): ValueInfo {
    this.#nodes.push(node);
    this.#shapes.set(node.output.name, node.output.shape);
    return node.output;
  }

  /** The mask that a layer makes, or that comes with its input; null where all steps count. */
  #mask(
    config: LayerConfig,
    name: string,
    input: ValueInfo | undefined,
    sources: readonly SymbolicTensor[],
    scope: Scope,
  ): ValueInfo | null {
    const given = sources.map(({ id }) => scope.masks.get(id) ?? null);
    if (config.className === 'Masking' && input !== undefined) {
      const output = { name: `${name}/mask`, shape: input.shape.slice(0, 2) };
      const value = config.number('maskValue');
      return this.#add({ op: 'Mask', value, name: output.name, inputs: [input.name], output, trainable: false });
    }
    // tfjs joins the masks of several inputs in ways of its own.
    if (given.length > 1 && given.some((mask) => mask !== null) && !RECURRENT.includes(config.className)) {
      throw config.refuse('inputs', 'without masks where there are several', 'some behind a Masking layer');
    }
    return given[0] ?? null;
  }

  /** A nested model is built before it is called, so that lengths it left open are known only here. */
  #placed(node: LayerNode): LayerNode {
    const shape = outputShape(
      node,
      node.inputs.map((input) => this.#shapes.get(input) ?? []),
    );
    return { ...node, output: { ...node.output, shape } };
  }

  #weightsOf(layer: Layer): Weight[] {
    let weights = this.#weights.get(layer);
    if (weights === undefined) {
      weights = readLayerWeights(layer, this.#nameOf(layer));
      this.#weights.set(layer, weights);
    }
    return weights;
  }

  #nameOf(layer: Layer): string {
    return this.#names.get(layer) ?? layer.name;
  }

  /** Of what a layer makes: its own name, numbered from its second use on, or that of the nested model whose output it is. */
  #valueName(layer: Layer, tensor: SymbolicTensor, { named }: Scope): string {
    if (named?.tensor === tensor.id) return named.name;
    const use = this.#uses.get(layer) ?? 0;
    this.#uses.set(layer, use + 1);
    const name = this.#nameOf(layer);
    return use === 0 ? name : `${name}:${use}`;
  }
}

const RECURRENT = ['LSTM', 'GRU'];

function readsMask({ op }: NodeBody): boolean {
  return op === 'Masking' || op === 'Recurrent' || op === 'Bidirectional';
}

/** Layers after which there are steps still. */
function passesMask(body: NodeBody): boolean {
  return body.op === 'Recurrent' || body.op === 'Bidirectional' ? body.returnSequences : true;
}

function valueInfo(name: string, tensor: SymbolicTensor): ValueInfo {
  const shape: Shape = tensor.shape.map((dim) => dim ?? null);
  return { name, shape };
}
