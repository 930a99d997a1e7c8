/** A model as a picture: a box a node with its shapes, weights inside, arrows for what flows between. */
import {
  decodeModel,
  type InferredValue,
  inferShapes,
  type OnnxConstant,
  type OnnxNode,
  valuesRead,
} from '../../onnx/index.js';
import { type DiagramArrow, type DiagramBox, diagramSvg, type Tone } from '../../report/index.js';

type Shapes = ReadonlyMap<string, InferredValue>;

const TONES: Readonly<Record<Exclude<Tone, 'end' | 'plain'>, string>> = {
  product: 'Conv ConvInteger ConvTranspose Gemm MatMul MatMulInteger Einsum STFT DFT',
  recurrent: 'GRU LSTM RNN Loop Scan If',
  activation:
    'Elu Gelu HardSigmoid HardSwish LeakyRelu LogSoftmax Mish PRelu Relu Selu Sigmoid Softmax Softplus Softsign Swish Tanh',
  norm: 'AveragePool BatchNormalization GlobalAveragePool GlobalMaxPool LayerNormalization MaxPool',
  layout:
    'Concat Expand Flatten Gather Identity Pad Reshape Resize Slice Split Squeeze Tile Transpose Unsqueeze Cast DequantizeLinear DynamicQuantizeLinear QuantizeLinear',
};
const TONE_OF = new Map(
  Object.entries(TONES).flatMap(([tone, ops]) => ops.split(' ').map((op) => [op, tone as Tone] as const)),
);

/**
 * @param bytes of a model that `decodeModel` reads
 * @param title what the picture is called
 * @throws ModelError `ERR_MODEL_FILE` as `decodeModel`
 */
export function plotModel(bytes: Uint8Array, title: string): string {
  const model = decodeModel(bytes);
  const { inputs, outputs, nodes, constants } = model.graph;
  const shapes = inferShapes(model);
  const weights = new Map(constants.map((constant) => [constant.name, constant]));
  const makers = new Map(inputs.map(({ name }, i) => [name, `input ${i}`]));
  nodes.forEach((node, i) => {
    for (const name of node.outputs) if (name !== '') makers.set(name, `node ${i}`);
  });
  const boxes: DiagramBox[] = [
    ...inputs.map(({ name }, i) => endBox(`input ${i}`, `input ${name}`, shapes.get(name))),
    ...nodes.map((node, i) => nodeBox(`node ${i}`, node, shapes, weights)),
    ...outputs.map(({ name }, i) => endBox(`output ${i}`, `output ${name}`, shapes.get(name))),
  ];
  const reads = [
    ...nodes.map((node, i) => [`node ${i}`, [...new Set(valuesRead(node))]] as const),
    ...outputs.map(({ name }, i) => [`output ${i}`, [name]] as const),
  ];
  const arrows = reads.flatMap(([to, names]) => names.flatMap((name) => arrowOf(name, to, makers, shapes)));
  return diagramSvg({ title, boxes, arrows });
}

function arrowOf(name: string, to: string, makers: ReadonlyMap<string, string>, shapes: Shapes): DiagramArrow[] {
  const from = makers.get(name);
  return from === undefined ? [] : [{ from, to, label: `${name} ${shapeText(shapes.get(name))}` }];
}

function endBox(id: string, title: string, value: InferredValue | undefined): DiagramBox {
  return { id, title, lines: [`${value?.type ?? '?'} ${shapeText(value)}`], tone: 'end' };
}

function nodeBox(id: string, node: OnnxNode, shapes: Shapes, weights: ReadonlyMap<string, OnnxConstant>): DiagramBox {
  const inside = node.inputs.flatMap((name) => weights.get(name) ?? []);
  const flowing = node.inputs.filter((name) => name !== '' && !weights.has(name));
  const bodies = Object.entries(node.attributes).flatMap(([name, one]) =>
    one.kind === 'graph' ? [`${name}: ${one.value.nodes.map(({ opType }) => opType).join(' ')}`] : [],
  );
  const lines = [
    node.name,
    ...inside.map((weight) => weightText(weight, node.name)),
    ...bodies,
    ...flowing.map((name) => `in   ${shapeText(shapes.get(name))}`),
    ...node.outputs.filter(Boolean).map((name) => `out  ${shapeText(shapes.get(name))}`),
  ];
  return { id, title: node.opType, lines: lines.filter(Boolean), tone: TONE_OF.get(node.opType) ?? 'plain' };
}

/** What is not known before a run stands as `?`. */
function shapeText(value: InferredValue | undefined): string {
  const shape = value?.shape ?? null;
  return shape === null ? '?' : `[${shape.map((length) => length ?? '?').join(', ')}]`;
}

/** Constants of this many numbers are shown with them. */
const SHORT = 4;

/** `kernel 320x64`, without the node's name in front; short ones with their numbers. */
function weightText({ name, type, shape, data }: OnnxConstant, owner: string): string {
  const own = name.startsWith(`${owner}/`) ? name.slice(owner.length + 1) : name;
  const of = type === 'float32' || type === 'int64' ? '' : `${type} `;
  if (data.length > SHORT || type === 'float16') return `${own} ${of}${shape.join('x') || 'scalar'}`;
  const numbers = Array.from<number | bigint, string>(data, (n) => String(Number(Number(n).toPrecision(4))));
  const text = shape.length === 0 ? numbers[0]! : `[${numbers.join(', ')}]`;
  return name.startsWith('const/') ? `${of}${text}` : `${own} ${of}${text}`;
}
