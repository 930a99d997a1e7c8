import { ModelError, mustBe } from '../errors.js';
import type { Graph, Weight } from './types.js';
import { validateGraph } from './validate.js';

/** 2 says of recurrent layers which states they keep and return, and how an upsampling fills in. */
const FORMAT = 2;
const FIRST_FORMAT = 1;
/** What nodes of the first format meant without saying it. */
const FIRST_MEANING: Readonly<Record<string, object>> = {
  Recurrent: { stateful: false, states: [] },
  Bidirectional: { initialState: false, reversed: null, states: [] },
  Upsample: { interpolation: 'nearest' },
};

interface StoredWeight {
  readonly weight: string;
}

interface StoredGraph {
  readonly cochleaGraph: number;
  readonly graph: unknown;
  readonly weights: Readonly<Record<string, { shape: number[]; data: string }>>;
}

function isWeight(value: unknown): value is Weight {
  return typeof value === 'object' && value !== null && 'data' in value && value.data instanceof Float32Array;
}

function isStoredWeight(value: unknown): value is StoredWeight {
  return typeof value === 'object' && value !== null && 'weight' in value && typeof value.weight === 'string';
}

function toBase64(data: Float32Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
}

function fromBase64(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer);
}

/** A graph as text: the same graph gives the same text. Weights are little-endian float32 in base64, each written once. */
export function graphToJson(graph: Graph): string {
  const weights: Record<string, { shape: readonly number[]; data: string }> = {};
  const structure = JSON.stringify(graph, (_key, value: unknown) => {
    if (!isWeight(value)) return value;
    weights[value.name] ??= { shape: value.shape, data: toBase64(value.data) };
    return { weight: value.name } satisfies StoredWeight;
  });
  return JSON.stringify({ cochleaGraph: FORMAT, graph: JSON.parse(structure), weights });
}

/**
 * Reads what `graphToJson` wrote.
 * @throws ModelError `ERR_MODEL_FILE` for other text, `ERR_MODEL` for a graph that does not hold together
 */
export function graphFromJson(text: string): Graph {
  const stored = parseStored(text);
  const weights = new Map<string, Weight>();
  for (const [name, { shape, data }] of Object.entries(stored.weights)) {
    weights.set(name, { name, shape, data: fromBase64(data) });
  }
  const graph: Graph = JSON.parse(JSON.stringify(stored.graph), (_key, value: unknown) => {
    if (stored.cochleaGraph === FIRST_FORMAT && isNode(value)) return { ...FIRST_MEANING[value.op], ...value };
    if (!isStoredWeight(value)) return value;
    const weight = weights.get(value.weight);
    if (weight === undefined) throw notAGraph(`a weight "${value.weight}" that is not stored`);
    return weight;
  });
  validateGraph(graph);
  return graph;
}

function isNode(value: unknown): value is { readonly op: string } {
  return typeof value === 'object' && value !== null && 'op' in value && typeof value.op === 'string';
}

function notAGraph(got: string, cause?: unknown): ModelError {
  const reason = cause instanceof Error ? { reason: cause.message } : {};
  return new ModelError('ERR_MODEL_FILE', mustBe('text', 'a graph written by graphToJson', got), reason);
}

function parseStored(text: string): StoredGraph {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notAGraph(`${text.slice(0, 20)}…`, error);
  }
  if (!isStoredGraph(value)) throw notAGraph(`${text.slice(0, 20)}…`);
  return value;
}

function isStoredGraph(value: unknown): value is StoredGraph {
  if (typeof value !== 'object' || value === null) return false;
  if (!('cochleaGraph' in value && 'graph' in value && 'weights' in value)) return false;
  return value.cochleaGraph === FORMAT || value.cochleaGraph === FIRST_FORMAT;
}
