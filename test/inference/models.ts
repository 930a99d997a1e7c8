/** Tiny ONNX models, written with onnx-proto alone so that these tests depend on nobody's exporter. */
import proto from 'onnx-proto';
import type { Spec } from '../../src/spec/index.js';

const { onnx } = proto;
const FLOAT = 1;
const INT = 2;
const INTS = 7;

function port(name: string, shape: readonly (number | string)[]) {
  const dim = shape.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

export interface ModelOptions {
  /** Shape of one item. */
  readonly input: readonly number[];
  /** Subtracted from the mean. */
  readonly offset?: number;
  /** Multiplies what is left. */
  readonly gain?: number;
  /** Ends in a sigmoid. */
  readonly sigmoid?: boolean;
  readonly spec?: Spec | null;
  /** Of the chain that the model is part of; default its own. */
  readonly bundle?: Spec;
  /** Adds to or overwrites the metadata. */
  readonly metadata?: Record<string, string>;
  readonly batch?: number | string;
}

/** y = gain · (mean(x) − offset), perhaps through a sigmoid; x is `[n, …input]`, y `[n, 1]`. */
export function meanModel(o: ModelOptions): Uint8Array {
  const { input, offset = 0, gain = 1, sigmoid = false, spec = null, batch = 'n' } = o;
  const metadata = { ...(o.bundle && { 'cochlea.bundle_hash': o.bundle.hash }), ...o.metadata };
  const last = sigmoid ? 'linear' : 'y';
  const scalar = (name: string, value: number) => ({ name, dataType: FLOAT, dims: [], floatData: [value] });
  const node = [
    { opType: 'Flatten', input: ['x'], output: ['flat'], attribute: [{ name: 'axis', type: INT, i: 1 }] },
    {
      opType: 'ReduceMean',
      input: ['flat'],
      output: ['mean'],
      attribute: [
        { name: 'axes', type: INTS, ints: [1] },
        { name: 'keepdims', type: INT, i: 1 },
      ],
    },
    { opType: 'Sub', input: ['mean', 'offset'], output: ['centred'] },
    { opType: 'Mul', input: ['centred', 'gain'], output: [last] },
    ...(sigmoid ? [{ opType: 'Sigmoid', input: [last], output: ['y'] }] : []),
  ];
  const initializer = [scalar('offset', offset), scalar('gain', gain)];
  return modelBytes(
    { name: 'mean', input: [port('x', [batch, ...input])], output: [port('y', [batch, 1])], node, initializer },
    spec,
    metadata,
  );
}

/** y = x · weights summed into `nOut` columns by a constant matrix: y[n, j] = mean(x[n]) · (j + 1). */
export function columnsModel(o: { input: readonly number[]; nOut: number; spec: Spec }): Uint8Array {
  const size = o.input.reduce((product, n) => product * n, 1);
  const weights = Array.from({ length: size * o.nOut }, (_, i) => ((i % o.nOut) + 1) / size);
  const graph = {
    name: 'columns',
    input: [port('x', ['n', ...o.input])],
    output: [port('y', ['n', o.nOut])],
    node: [
      { opType: 'Flatten', input: ['x'], output: ['flat'] },
      { opType: 'MatMul', input: ['flat', 'w'], output: ['y'] },
    ],
    initializer: [{ name: 'w', dataType: FLOAT, dims: [size, o.nOut], floatData: weights }],
  };
  return modelBytes(graph, o.spec, {});
}

/** A model that takes a while: `depth` dense products of `size` × `size` on one item. */
export function slowModel(size: number, depth: number): Uint8Array {
  const names = ['x', ...Array.from({ length: depth - 1 }, (_, i) => `h${i}`), 'y'];
  const graph = {
    name: 'slow',
    input: [port('x', ['n', size])],
    output: [port('y', ['n', size])],
    node: names.slice(1).map((output, i) => ({ opType: 'MatMul', input: [names[i]!, 'w'], output: [output] })),
    initializer: [{ name: 'w', dataType: FLOAT, dims: [size, size], rawData: new Uint8Array(4 * size * size) }],
  };
  return modelBytes(graph, null, {});
}

function modelBytes(graph: object, spec: Spec | null, metadata: Record<string, string>): Uint8Array {
  const own = spec === null ? {} : { 'cochlea.spec': JSON.stringify(spec), 'cochlea.spec_hash': spec.hash };
  const metadataProps = Object.entries({ ...own, ...metadata }).map(([key, value]) => ({ key, value }));
  const opsetImport = [{ domain: '', version: 13 }];
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport, graph, metadataProps });
  return Uint8Array.from(onnx.ModelProto.encode(model).finish());
}
