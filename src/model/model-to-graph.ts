import { ModelError, mustBe } from '../errors.js';
import { type Graph, type LayerNode, type Shape, type ValueInfo, validateGraph, type Weight } from '../graph/index.js';
import { LayerConfig } from './layer-config.js';
import { readLayerWeights } from './layer-weights.js';
import { LayerWeights, layerConverter } from './layers.js';
import type { Layer, LayersModel, SymbolicTensor } from './tf.js';

/**
 * A built tfjs model as plain data, weights copied. The value that a layer makes carries the layer's name, so the
 * graph's inputs and outputs are called as the model's input and output layers; the same weights give the same graph.
 *
 * @param model any `LayersModel` without nested models
 * @throws ModelError `ERR_LAYER` naming layer and class where no node covers it; `ERR_MODEL` for a model without layers
 */
export function modelToGraph(model: LayersModel): Graph {
  if ((model.inputs ?? []).length === 0) {
    throw new ModelError('ERR_MODEL', mustBe(`model "${model.name}"`, 'one with layers', 'an empty model'));
  }
  return new GraphReader().read(model);
}

class GraphReader {
  readonly #nodes: LayerNode[] = [];
  /** By the tensor's id: the value that holds it. */
  readonly #values = new Map<number, ValueInfo>();
  readonly #weights = new Map<Layer, Weight[]>();
  readonly #uses = new Map<Layer, number>();

  read(model: LayersModel): Graph {
    const inputs = model.inputs.map((tensor) => this.#value(tensor));
    const outputs = model.outputs.map((tensor) => this.#value(tensor).name);
    const graph: Graph = { name: model.name, inputs, outputs, nodes: this.#nodes };
    validateGraph(graph);
    return graph;
  }

  /** The value of a symbolic tensor; makes the node behind it, and all before it, on first sight. */
  #value(tensor: SymbolicTensor): ValueInfo {
    const known = this.#values.get(tensor.id);
    if (known !== undefined) return known;
    const layer = tensor.sourceLayer;
    const value =
      layer.getClassName() === 'InputLayer' ? valueInfo(layer.name, tensor) : this.#node(layer, tensor).output;
    this.#values.set(tensor.id, value);
    return value;
  }

  #node(layer: Layer, tensor: SymbolicTensor): LayerNode {
    const config = LayerConfig.of(layer);
    const convert = layerConverter(config);
    const sources = layer.inboundNodes[tensor.nodeIndex]?.inputTensors ?? [];
    const inputs = sources.map((source) => this.#value(source).name);
    const weights = this.#weightsOf(layer);
    const name = this.#nodeName(layer);
    const node: LayerNode = {
      ...convert(config, new LayerWeights(config, weights), tensor.shape.length),
      name,
      inputs,
      output: valueInfo(name, tensor),
      trainable: layer.trainable,
    };
    this.#nodes.push(node);
    return node;
  }

  #weightsOf(layer: Layer): Weight[] {
    let weights = this.#weights.get(layer);
    if (weights === undefined) {
      weights = readLayerWeights(layer);
      this.#weights.set(layer, weights);
    }
    return weights;
  }

  #nodeName(layer: Layer): string {
    const use = this.#uses.get(layer) ?? 0;
    this.#uses.set(layer, use + 1);
    return use === 0 ? layer.name : `${layer.name}:${use}`;
  }
}

function valueInfo(name: string, tensor: SymbolicTensor): ValueInfo {
  const shape: Shape = tensor.shape.map((dim) => dim ?? null);
  return { name, shape };
}
