/** Everything that a model computes, and what its shapes should be. */
import { runInNewContext } from 'node:vm';
import type { InferredValue, OnnxModel } from '../../../src/onnx/index.js';

/** A model that also returns everything its nodes make. */
export function withAllOutputs(model: OnnxModel, values: ReadonlyMap<string, InferredValue>): OnnxModel {
  const named = new Set(model.graph.outputs.map(({ name }) => name));
  const inside = model.graph.nodes.flatMap(({ outputs }) => outputs).filter((name) => name !== '' && !named.has(name));
  const more = inside.map((name) => ({
    name,
    type: values.get(name)!.type!,
    shape: values.get(name)!.shape!.map(() => '?'),
  }));
  return { ...model, graph: { ...model.graph, outputs: [...model.graph.outputs, ...more] } };
}

/** What a text stands for in a run; names of outputs' open axes are this library's own. */
export function lengthIn(length: number | string, names: Record<string, number>): number {
  return typeof length === 'number'
    ? length
    : runInNewContext(length, { ...names, floor: Math.floor, max: Math.max, min: Math.min });
}
