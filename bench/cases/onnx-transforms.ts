/** The front-end as ONNX with each of the transforms that ONNX has a form of: what the shipped one is chosen among. */
import { loadAddon, type NativeFeatureConfig, nativeConfig } from '../../src/native/index.js';
import { int, OnnxBuilder } from '../../src/onnx/builder.js';
import { bandBins, writeBands } from '../../src/onnx/front-end/bands.js';
import { writeFrames } from '../../src/onnx/front-end/frames.js';
import { writeDifference, writeSegment } from '../../src/onnx/front-end/framing.js';
import { spectrumBins, writeSpectrum } from '../../src/onnx/front-end/spectra.js';
import { type Spectra, turn } from '../../src/onnx/front-end/transform.js';
import { type Bins, planTransform, slotsOf, windowFactors } from '../../src/onnx/front-end/transform-plan.js';
import { denseKernels } from '../../src/onnx/front-end/transform-tables.js';
import { encodeModel } from '../../src/onnx/proto.js';
import { type FeatureConfig, frameGrid, frameWidth } from '../../src/spec/index.js';

export const TRANSFORMS = ['dense convolution', 'frames × cosines', 'STFT operator', 'DFT operator'] as const;
export type Transform = (typeof TRANSFORMS)[number];

/** The first with the operator `DFT` whose axis is an attribute, and with `STFT`. */
const OPSET = 17;

/** `pcm` `[batch, samples]` → `features`. Without corrections of frames: a config whose first window factor is 0. */
export function frontEndBy(transform: Transform, config: FeatureConfig): Uint8Array {
  const builder = new OnnxBuilder(OPSET);
  const addon = loadAddon();
  const native = nativeConfig(config);
  const weights = config.kind === 'stft' ? null : addon.melFilterbank(native);
  const bins = config.kind === 'stft' ? spectrumBins(config, native) : bandBins(native, weights!);
  const { nFft } = native;
  const start = frameGrid(config).offset;
  const { samples: segment } = writeSegment(builder, 'pcm', {
    config: native,
    start,
    length: nFft,
    extra: 0,
    minSamples: 1,
  });
  const filtered = native.preemphasis === 0 ? segment : writeDifference(builder, segment, native.preemphasis);
  const spectra = writeSpectra(builder, transform, filtered, native, bins);
  const rows =
    config.kind === 'stft'
      ? writeSpectrum(builder, config, native, { spectra, bins: spectra.bins, centred: null })
      : writeBands(builder, addon, config, native, { spectra, bins: spectra.bins, weights: weights!, centred: null });
  builder.op('Transpose', 'features', [rows], {
    output: 'features',
    attributes: { perm: { kind: 'ints', value: [0, 2, 1] } },
  });
  const output = { name: 'features', type: 'float32', shape: ['batch', 'frame', frameWidth(config)] } as const;
  const inputs = [{ name: 'pcm', type: 'float32', shape: ['batch', 'samples'] }] as const;
  const graph = { name: transform, inputs, outputs: [output], nodes: builder.nodes, constants: builder.constants };
  return encodeModel({ graph, opset: OPSET, producer: { name: 'bench', version: '0' }, metadata: {} });
}

interface PlainSpectra extends Spectra {
  /** Those that the transform gives. */
  readonly bins: Bins;
}

function writeSpectra(
  builder: OnnxBuilder,
  transform: Transform,
  segment: string,
  native: NativeFeatureConfig,
  wanted: Bins,
): PlainSpectra {
  const { nFft, hopLength } = native;
  const window = windowOf(native);
  const all: Bins = { first: 0, end: 1 + Math.floor(nFft / 2) };
  const bins = transform === 'STFT operator' || transform === 'DFT operator' ? all : wanted;
  const whole = { ...native, winLength: nFft };
  const plan = planTransform(whole, window, bins, 1);
  const numbers = bins.end - bins.first;
  const shape = { groups: 1, numbers, slots: slotsOf(plan, bins), bins };
  const complex = {
    'dense convolution': () => {
      const kernels = builder.weight('dft', [2 * numbers, 1, nFft], () => denseKernels(plan));
      const signal = builder.op('Unsqueeze', 'signal', [segment, builder.int64([1])]);
      const attributes = { strides: { kind: 'ints', value: [hopLength] } as const };
      return builder.op('Conv', 'dense', [signal, kernels], { attributes });
    },
    'frames × cosines': () => {
      const frames = writeFrames(builder, segment, nFft, hopLength);
      const table = builder.weight('dft', [nFft, 2 * numbers], () => transposed(denseKernels(plan), nFft));
      return turn(builder, 'by_bin', builder.op('MatMul', 'product', [frames, table]), [0, 2, 1]);
    },
    'STFT operator': () => {
      const inputs = [segment, builder.int64Scalar(hopLength), builder.weight('window', [nFft], () => window)];
      const spectra = builder.op('STFT', 'stft', [...inputs, builder.int64Scalar(nFft)]);
      return partsFirst(builder, spectra, numbers);
    },
    'DFT operator': () => {
      const frames = writeFrames(builder, segment, nFft, hopLength);
      const windowed = builder.op('Mul', 'windowed', [frames, builder.weight('window', [nFft], () => window)]);
      const real = builder.op('Unsqueeze', 'real', [windowed, builder.int64([3])]);
      const spectra = builder.op('DFT', 'dft', [real], { attributes: { onesided: int(1), axis: int(2) } });
      return partsFirst(builder, spectra, numbers);
    },
  }[transform]();
  return { ...shape, complex: builder.op('Unsqueeze', 'spectra', [complex, builder.int64([1])]) };
}

/** Factors over a whole transform. */
function windowOf(native: NativeFeatureConfig): Float32Array {
  const { nFft, winLength, windowFirst } = native;
  const window = new Float32Array(nFft);
  window.set(windowFactors(loadAddon(), native), windowFirst ? 0 : Math.floor((nFft - winLength) / 2));
  return window;
}

/** `[batch, frame, bin, 2]` → `[batch, (re, im) · bin, frame]`. */
function partsFirst(builder: OnnxBuilder, spectra: string, numbers: number): string {
  const turned = turn(builder, 'parts_first', spectra, [0, 3, 2, 1]);
  return builder.op('Reshape', 'parts', [turned, builder.int64([0, 2 * numbers, -1])]);
}

function transposed(x: Float32Array, nColumns: number): Float32Array {
  const nRows = x.length / nColumns;
  return x.map((_, i) => x[(i % nRows) * nColumns + Math.floor(i / nRows)]!);
}
