/** The least arithmetic of a training step: its products. Activations, losses and updates are not counted. */
import type { Graph, LayerNode, RecurrentCell, Shape } from '../../src/graph/index.js';
import { sizeOf } from './models.js';

/** Multiplications and additions of one window's products. */
interface Products {
  /** With what the layer reads. */
  readonly input: number;
  /** With its own state. */
  readonly state: number;
}

/**
 * Operations of a step on `batch` windows: each product forward, for the gradient of its weights, and for the gradient of
 * what it is taken of, which data need not have.
 *
 * @throws Error for a layer whose products are not counted here
 */
export function stepFlop(graph: Graph, batch: number): number {
  const data = new Set(graph.inputs.map(({ name }) => name));
  const shapes = new Map<string, Shape>([...graph.inputs, ...graph.nodes.map(({ output }) => output)].map(named));
  const flop = graph.nodes.map((node) => {
    const [from = ''] = node.inputs;
    const { input, state } = productsOf(node, shapes.get(from) ?? []);
    return 3 * (input + state) - (data.has(from) ? input : 0);
  });
  return batch * flop.reduce((sum, each) => sum + each, 0);
}

function named({ name, shape }: { readonly name: string; readonly shape: Shape }): [string, Shape] {
  return [name, shape];
}

/** @param shape what the node reads */
function productsOf(node: LayerNode, [, ...window]: Shape): Products {
  const dims = window.map((dim) => dim ?? 1);
  switch (node.op) {
    case 'Dense':
      return { input: 2 * sizeOf(dims.slice(0, -1)) * node.kernel.data.length, state: 0 };
    case 'Recurrent':
      return cellProducts(node.cell, dims[0]!);
    case 'Bidirectional': {
      const [forward, backward] = [cellProducts(node.forward, dims[0]!), cellProducts(node.backward, dims[0]!)];
      return { input: forward.input + backward.input, state: forward.state + backward.state };
    }
    case 'Dropout':
      return { input: 0, state: 0 };
    default:
      throw new Error(`products of layer "${node.name}" (${node.op}) are not counted`);
  }
}

function cellProducts({ kernel, recurrentKernel }: RecurrentCell, steps: number): Products {
  return { input: 2 * steps * kernel.data.length, state: 2 * steps * recurrentKernel.data.length };
}
