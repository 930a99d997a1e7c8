import { ModelError, mustBe } from '../errors.js';
import {
  type Graph,
  type GraphInput,
  type LayerNode,
  nodeOutputs,
  outputShape,
  type Shape,
  type ValueInfo,
  validateGraph,
  type Weight,
} from '../graph/index.js';
import { LayerConfig } from './layer-config.js';
import { readLayerWeights } from './layer-weights.js';
import { type LayerPlace, LayerWeights, layerClass, type NodeBody } from './layers/index.js';
import { isModel, modelPerStep, namedLayers } from './named-layers.js';
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
  /** States that layers keep from batch to batch, as inputs and outputs behind the model's own. */
  readonly #keptInputs: GraphInput[] = [];
  readonly #keptOutputs: string[] = [];

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
    const given = inputs.map((tensor): GraphInput => {
      const value = this.#value(tensor, whole);
      return tensor.dtype === 'int32' ? { ...value, dtype: 'int32' } : value;
    });
    const made = outputs.map((tensor) => this.#value(tensor, whole).name);
    const graph: Graph = {
      name,
      inputs: [...given, ...this.#keptInputs],
      outputs: [...made, ...this.#keptOutputs.filter((kept) => !made.includes(kept))],
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
    if (layer.getClassName() !== 'InputLayer') return this.#layer(layer, tensor, scope);
    const value = valueInfo(layer.name, tensor);
    this.#shapes.set(value.name, value.shape);
    scope.values.set(tensor.id, value);
    return value;
  }

  /** The nodes of a nested model at one of its places. */
  #call(model: LayersModel, tensor: SymbolicTensor, scope: Scope): ValueInfo {
    const use = model.inboundNodes[tensor.nodeIndex];
    const sources = use?.inputTensors ?? [];
    const given = sources.map((source) => this.#value(source, scope));
    const masks = sources.map(({ id }) => scope.masks.get(id) ?? null);
    const { made, inside } = this.#run(model, given, masks, this.#valueName(model, tensor, scope), scope);
    use?.outputTensors.forEach((output, i) => {
      scope.values.set(output.id, made[i]!);
      const mask = inside.masks.get(model.outputs[i]?.id ?? -1);
      if (mask !== undefined) scope.masks.set(output.id, mask);
    });
    return scope.values.get(tensor.id)!;
  }

  /** What a model makes of given values; a single output is called `name`. */
  #run(
    model: LayersModel,
    given: readonly ValueInfo[],
    masks: readonly (ValueInfo | null)[],
    name: string,
    scope: Scope,
  ) {
    const [only] = model.outputs;
    const inside: Scope = {
      values: new Map(model.inputs.map((input, i) => [input.id, given[i]!])),
      masks: new Map(model.inputs.flatMap(({ id }, i) => (masks[i] ? [[id, masks[i]]] : []))),
      named: model.outputs.length === 1 ? { tensor: only!.id, name } : null,
      isNested: true,
      trainable: scope.trainable && model.trainable,
    };
    return { made: model.outputs.map((output) => this.#value(output, inside)), inside };
  }

  /** The nodes of a layer at one of its places. */
  #layer(layer: Layer, tensor: SymbolicTensor, scope: Scope): ValueInfo {
    const config = LayerConfig.of(layer, this.#nameOf(layer));
    const { convert } = layerClass(config);
    const use = layer.inboundNodes[tensor.nodeIndex];
    const sources = use?.inputTensors ?? [];
    const inputs = sources.map((source) => this.#value(source, scope));
    const name = this.#valueName(layer, tensor, scope);
    const model = modelPerStep(layer);
    if (model !== null) {
      const value = this.#perStep(model, inputs[0]!, name, scope);
      scope.values.set(tensor.id, value);
      return value;
    }
    const mask = this.#mask(config, name, inputs[0], sources, scope);
    const made = use?.outputTensors ?? [tensor];
    const place = this.#place(layer, name, inputs, made, mask !== null, scope);
    const weights = new LayerWeights(config, this.#weightsOf(layer));
    const { body, inputs: read = inputs.map((input) => input.name) } = convert(config, weights, place);
    if (mask !== null) {
      if (passesMask(body)) scope.masks.set(made[0]!.id, mask);
      if (!layer.supportsMasking) throw config.refuse('input', 'without a mask', 'one behind a Masking layer');
    }
    const node: LayerNode = {
      ...body,
      name,
      inputs: mask !== null && readsMask(body) ? [...read, mask.name] : read,
      output: valueInfo(name, made[0]!),
      trainable: scope.trainable && layer.trainable,
    };
    const values = nodeOutputs(this.#add(scope.isNested ? this.#placed(node) : node));
    made.forEach((output, i) => {
      scope.values.set(output.id, values[i]!);
    });
    return scope.values.get(tensor.id)!;
  }

  /** A model on each step of a sequence alone. */
  #perStep(model: LayersModel, input: ValueInfo, name: string, scope: Scope): ValueInfo {
    const fold = this.#part(`${name}/fold`, { op: 'FoldTime' }, [input.name], false);
    const { made } = this.#run(model, [fold], [], `${name}/each`, scope);
    return this.#part(name, { op: 'UnfoldTime' }, [made[0]!.name, input.name], false);
  }

  #place(
    layer: Layer,
    name: string,
    inputs: readonly ValueInfo[],
    made: readonly SymbolicTensor[],
    masked: boolean,
    scope: Scope,
  ): LayerPlace {
    const trainable = scope.trainable && layer.trainable;
    return {
      name,
      inputs,
      masked,
      outputs: made.map((tensor) => valueInfo(name, tensor).shape),
      add: (part, body, { inputs: read = inputs.map((input) => input.name), shape } = {}) =>
        this.#part(`${name}/${part}`, body, read, trainable, shape),
      addInput: (part, shape) => {
        const value = { name: `${name}/${part}`, shape };
        this.#keptInputs.push(value);
        this.#shapes.set(value.name, shape);
        return value;
      },
      addOutput: (value) => {
        this.#keptOutputs.push(value.name);
      },
    };
  }

  /** A node of which a layer is made beside its last one. */
  #part(name: string, body: NodeBody, inputs: readonly string[], trainable: boolean, shape?: Shape): ValueInfo {
    const node: LayerNode = { ...body, name, inputs, output: { name, shape: shape ?? [] }, trainable };
    return this.#add(shape === undefined ? this.#placed(node) : node).output;
  }

  #add(node: LayerNode): LayerNode {
    this.#nodes.push(node);
    for (const { name, shape } of nodeOutputs(node)) this.#shapes.set(name, shape);
    return node;
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
    if (input !== undefined && (config.className === 'Masking' || config.flag('maskZero'))) {
      const value = config.className === 'Masking' ? config.number('maskValue') : 0;
      return this.#part(`${name}/mask`, { op: 'Mask', value }, [input.name], false);
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

const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN', 'Bidirectional'];

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
