export { graphFromJson, graphToJson } from './json.js';
export { itemSize, outputShape, samePadding, showShape } from './shapes.js';
export {
  ACTIVATIONS,
  type Activation,
  type ActivationNode,
  type BatchNormalizationNode,
  type BidirectionalNode,
  type ConcatenateNode,
  type ConvNode,
  type ConvTransposeNode,
  type DenseNode,
  type Dim,
  type DropoutNode,
  type FlattenNode,
  type GlobalPoolNode,
  type Graph,
  type LayerNode,
  type MergeNode,
  type Padding,
  type PermuteNode,
  type PoolNode,
  type RecurrentCell,
  type RecurrentNode,
  type RepeatNode,
  type ReshapeNode,
  type Shape,
  type UpsampleNode,
  type ValueInfo,
  type Weight,
} from './types.js';
export { validateGraph } from './validate.js';
export { countParameters, graphWeights, nodeWeights } from './weights.js';
