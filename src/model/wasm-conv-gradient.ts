/**
 * tfjs's WebAssembly backend cannot train convolutions: 4.22 has no kernel `Conv2DBackpropFilter`, and its
 * `Conv2DBackpropInput` and `MaxPoolGrad` are plain loops. These take their places through tfjs's public
 * `registerKernel` and give what the cpu backend gives.
 *
 * One Adam step of `toneCnn({ bins: 601 })` at batch 128, one thread: cpu backend 5.3 s, wasm with these kernels 40 ms.
 */
import type { backend_util, KernelFunc, Tensor, TensorInfo } from '@tensorflow/tfjs';
import { ModelError, mustBe } from '../errors.js';
import { loadTf } from './tf.js';

type ConvInfo = backend_util.Conv2DInfo;
type Attributes = Parameters<KernelFunc>[0]['attrs'];
type Shape4 = [number, number, number, number];
type Pad = Parameters<typeof backend_util.computeConv2DInfo>[4];

/** Gathered taps above this many floats (64 MiB) are multiplied in several turns. */
const MAX_GATHERED = 1 << 24;

function kernel<T extends Tensor>(name: string, inputs: Record<string, Tensor>, attributes = {}): T {
  return loadTf().engine().runKernel<T>(name, inputs, attributes);
}

function input(inputs: Parameters<KernelFunc>[0]['inputs'], name: string): Tensor {
  const tensor = inputs[name];
  if (tensor instanceof loadTf().Tensor) return tensor;
  throw new ModelError('ERR_ENGINE', mustBe(`kernel input ${name}`, 'a tensor', tensor));
}

function four(shape: readonly number[]): Shape4 {
  return [shape[0]!, shape[1]!, shape[2]!, shape[3]!];
}

function numberPair(value: unknown): [number, number] {
  const [a, b] = Array.isArray(value) ? value : [value, value];
  return [Number(a), Number(b)];
}

function isPad(value: unknown): value is Pad {
  return value === 'valid' || value === 'same' || typeof value === 'number' || Array.isArray(value);
}

function geometry(attributes: Attributes, inputShape: Shape4, filterShape: Shape4): ConvInfo {
  const { strides, pad } = attributes ?? {};
  if (!isPad(pad)) throw new ModelError('ERR_ENGINE', mustBe('pad', "'valid', 'same' or numbers", pad));
  return loadTf().backend_util.computeConv2DInfo(inputShape, filterShape, numberPair(strides), 1, pad);
}

/** Rows `[channel]` of one tap: the cells of the padded input that this tap of the filter meets, `[channel, batch·out]`. */
function tapRows(padded: Tensor, info: ConvInfo, tap: number): Tensor {
  const [channels, batch] = [padded.shape[0]!, padded.shape[1]!];
  const [row, column] = [Math.floor(tap / info.filterWidth), tap % info.filterWidth];
  const rows = (info.outHeight - 1) * info.strideHeight + 1;
  const columns = (info.outWidth - 1) * info.strideWidth + 1;
  const begin = [0, 0, row, column];
  const end = [channels, batch, row + rows, column + columns];
  const strides = [1, 1, info.strideHeight, info.strideWidth];
  const cells =
    info.strideHeight === 1 && info.strideWidth === 1
      ? kernel('Slice', { x: padded }, { begin, size: [channels, batch, rows, columns] })
      : kernel(
          'StridedSlice',
          { x: padded },
          { begin, end, strides, beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 },
        );
  return kernel('Reshape', { x: cells }, { shape: [channels, batch * info.outHeight * info.outWidth] });
}

/**
 * dL/dfilter = Σ over batch and output cells of x(cell + tap) · dy(cell): the taps of the padded input, channels first,
 * gathered as rows and multiplied by dy as one matrix product, which XNNPACK does. Other ways were slower; for
 * x [256, 1, 148, 8], 9 taps, 16 filters: this 8 ms, tap by tap 18, `Conv3DBackpropFilterV2` 94; dy as the filter of a
 * convolution was equal there, but three times slower for one input channel.
 */
const filterGradient: KernelFunc = ({ inputs, attrs }) => {
  const tf = loadTf();
  const x = input(inputs, 'x');
  const dy = input(inputs, 'dy');
  const filterShape = four(Array.isArray(attrs?.filterShape) ? attrs.filterShape.map(Number) : []);
  const info = geometry(attrs, four(x.shape), filterShape);
  const { top, bottom, left, right } = info.padInfo;
  return tf.tidy(() => {
    const paddings = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    const padded = top + bottom + left + right > 0 ? kernel('PadV2', { x }, { paddings, constantValue: 0 }) : x;
    const channelsFirst = kernel('Transpose', { x: padded }, { perm: [3, 0, 1, 2] });
    const cells = info.batchSize * info.outHeight * info.outWidth;
    const gradient = kernel('Reshape', { x: dy }, { shape: [1, cells, info.outChannels] });
    const nTaps = info.filterHeight * info.filterWidth;
    const group = Math.max(1, Math.floor(MAX_GATHERED / (cells * info.inChannels)));
    const parts: Tensor[] = [];
    for (let first = 0; first < nTaps; first += group) {
      parts.push(tf.tidy(() => tapsTimes(channelsFirst, gradient, info, first, Math.min(nTaps, first + group))));
    }
    return tf.reshape(tf.concat(parts, 0), filterShape);
  });
};

/** Taps `first … end` of the input times the gradient: `[(end − first)·inChannels, outChannels]`. */
function tapsTimes(padded: Tensor, gradient: Tensor, info: ConvInfo, first: number, end: number): Tensor {
  const tf = loadTf();
  const rows = tf.concat(Array.from({ length: end - first }, (_, index) => tapRows(padded, info, first + index)));
  const matrix = kernel('Reshape', { x: rows }, { shape: [1, rows.shape[0]!, rows.shape[1]!] });
  const product = kernel('BatchMatMul', { a: matrix, b: gradient }, { transposeA: false, transposeB: false });
  return kernel('Reshape', { x: product }, { shape: [rows.shape[0]!, info.outChannels] });
}

/** Cells to add around dy so that a plain convolution with the turned filter gives dL/dx; `null` where none do. */
function fullPadding(info: ConvInfo): [[number, number], [number, number], [number, number], [number, number]] | null {
  if (info.strideHeight !== 1 || info.strideWidth !== 1) return null;
  const { top, bottom, left, right } = info.padInfo;
  const rows: [number, number] = [info.filterHeight - 1 - top, info.filterHeight - 1 - bottom];
  const columns: [number, number] = [info.filterWidth - 1 - left, info.filterWidth - 1 - right];
  if (Math.min(...rows, ...columns) < 0) return null;
  return [[0, 0], rows, columns, [0, 0]];
}

/** With stride 1, dL/dx is the convolution of dy with the filter turned by 180° (XNNPACK); else the backend's own loop. */
function inputGradient(original: KernelFunc): KernelFunc {
  return (call) => {
    const { inputs, attrs } = call;
    const tf = loadTf();
    const dy = input(inputs, 'dy');
    const filter = input(inputs, 'filter');
    const inputShape = four(Array.isArray(attrs?.inputShape) ? attrs.inputShape.map(Number) : []);
    const pad = fullPadding(geometry(attrs, inputShape, four(filter.shape)));
    if (pad === null) return original(call);
    return tf.tidy(() => {
      const turned = kernel('Reverse', { x: filter }, { dims: [0, 1] });
      const swapped = kernel('Transpose', { x: turned }, { perm: [0, 1, 3, 2] });
      const attributes = { strides: [1, 1], pad, dataFormat: 'NHWC', dilations: [1, 1] };
      return kernel('Conv2D', { x: dy, filter: swapped }, attributes);
    });
  };
}

/** The two methods of tfjs's `BackendWasm` that let JavaScript read and write tensors where they lie. */
interface HeapBackend {
  makeOutput(shape: number[], dtype: string): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): ArrayLike<number>;
}

function isHeapBackend(backend: object): backend is HeapBackend {
  return 'makeOutput' in backend && 'typedArrayFromHeap' in backend;
}

function heapFloats(backend: HeapBackend, tensor: TensorInfo): Float32Array {
  const view = backend.typedArrayFromHeap(tensor);
  if (view instanceof Float32Array) return view;
  throw new ModelError('ERR_ENGINE', mustBe('dtype of a pooled tensor', 'float32', tensor.dtype));
}

/** Adds each gradient to the first largest cell of its window, as the cpu backend does. */
const maxPoolGradient: KernelFunc = ({ inputs, attrs, backend }) => {
  const x = input(inputs, 'input');
  const dy = input(inputs, 'dy');
  const { filterSize, strides, pad } = attrs ?? {};
  if (!isPad(pad) || !isHeapBackend(backend)) throw new ModelError('ERR_ENGINE', mustBe('pad', 'a padding', pad));
  const info = loadTf().backend_util.computePool2DInfo(
    four(x.shape),
    numberPair(filterSize),
    numberPair(strides),
    1,
    pad,
  );
  const dx = backend.makeOutput(x.shape, 'float32');
  // Views come after the allocation: growing the heap detaches older ones.
  scatterToMaxima(info, heapFloats(backend, x), heapFloats(backend, dy), heapFloats(backend, dx).fill(0));
  return dx;
};

function scatterToMaxima(info: ConvInfo, x: Float32Array, dy: Float32Array, dx: Float32Array): void {
  const { inHeight, inWidth, inChannels: channels } = info;
  let out = 0;
  for (let image = 0; image < info.batchSize; image++) {
    const base = image * inHeight * inWidth;
    for (let row = 0; row < info.outHeight; row++) {
      const top = row * info.strideHeight - info.padInfo.top;
      const [firstRow, endRow] = [Math.max(top, 0), Math.min(top + info.filterHeight, inHeight)];
      for (let column = 0; column < info.outWidth; column++) {
        const left = column * info.strideWidth - info.padInfo.left;
        const [firstColumn, endColumn] = [Math.max(left, 0), Math.min(left + info.filterWidth, inWidth)];
        for (let channel = 0; channel < channels; channel++) {
          let best = (base + firstRow * inWidth + firstColumn) * channels + channel;
          for (let r = firstRow; r < endRow; r++) {
            let cell = (base + r * inWidth + firstColumn) * channels + channel;
            for (let c = firstColumn; c < endColumn; c++, cell += channels) if (x[cell]! > x[best]!) best = cell;
          }
          dx[best]! += dy[out++]!;
        }
      }
    }
  }
}

const registered = new WeakSet<object>();

/**
 * Lets the `wasm` backend train convolutions, for every model of this process. Repeated calls do nothing.
 * Call it after `loadWasmBackend()`.
 */
export function registerWasmConvGradients(): void {
  const tf = loadTf();
  if (registered.has(tf)) return;
  registered.add(tf);
  const backendName = 'wasm';
  tf.registerKernel({ kernelName: 'Conv2DBackpropFilter', backendName, kernelFunc: filterGradient });
  replaceKernel('Conv2DBackpropInput', inputGradient);
  replaceKernel('MaxPoolGrad', () => maxPoolGradient);
}

/** Registers a kernel in another's place, without the warning that tfjs prints when a name is taken. */
function replaceKernel(kernelName: string, replacement: (original: KernelFunc) => KernelFunc): void {
  const tf = loadTf();
  const original = tf.getKernel(kernelName, 'wasm');
  if (original === undefined) {
    throw new ModelError('ERR_ENGINE', mustBe('tfjs wasm backend', `loaded, with kernel ${kernelName}`, 'none'));
  }
  tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ ...original, kernelFunc: replacement(original.kernelFunc) });
}
