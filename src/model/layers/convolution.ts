/** Layers that slide a window over one or two axes, or make those longer and shorter. */
import type { LayerConfig } from '../layer-config.js';
import { type Convert, eitherFormat, type LayerClass, plain, withBias } from './converter.js';

function conv(rank: 1 | 2): LayerClass {
  return plain(
    (config, weights) => ({
      op: 'Conv',
      strides: config.numbers('strides', rank),
      dilation: config.numbers('dilationRate', rank),
      padding: config.padding(),
      activation: config.activation(),
      kernel: weights.required('kernel'),
      bias: weights.optional('bias'),
    }),
    withBias('kernel'),
  );
}

const convTranspose = plain(
  (config, weights) => ({
    op: 'ConvTranspose',
    strides: config.numbers('strides', 2),
    padding: config.padding(),
    activation: config.activation(),
    kernel: weights.required('kernel'),
    bias: weights.optional('bias'),
  }),
  withBias('kernel'),
);

const depthwiseConv = plain((config, weights) => {
  // tfjs takes the option and does not use it.
  if (config.numbers('dilationRate', 2).some((rate) => rate !== 1)) {
    throw config.refuse('dilationRate', '1, as tfjs computes it', config.value('dilationRate'));
  }
  return {
    op: 'DepthwiseConv',
    strides: config.numbers('strides', 2),
    dilation: [1, 1],
    padding: config.padding(),
    activation: config.activation(),
    kernel: weights.required('depthwiseKernel'),
    bias: weights.optional('bias'),
  };
}, withBias('depthwiseKernel'));

/** A filter for each channel, then sums of the channels at each place. */
const separable: Convert = (config, weights, place) => {
  const { name } = place.add('depthwise', {
    op: 'DepthwiseConv',
    strides: config.numbers('strides', 2),
    dilation: config.numbers('dilationRate', 2),
    padding: config.padding(),
    activation: 'linear',
    kernel: weights.required('depthwiseKernel'),
    bias: null,
  });
  return {
    inputs: [name],
    body: {
      op: 'Conv',
      strides: [1, 1],
      dilation: [1, 1],
      padding: 'valid',
      activation: config.activation(),
      kernel: weights.required('pointwiseKernel'),
      bias: weights.optional('bias'),
    },
  };
};

function pool(kind: 'max' | 'average', rank: 1 | 2): LayerClass {
  return plain((config) => ({
    op: 'Pool',
    kind,
    size: config.numbers('poolSize', rank),
    strides: config.numbers('strides', rank),
    padding: config.padding(),
  }));
}

function globalPool(kind: 'max' | 'average'): LayerClass {
  return plain(() => ({ op: 'GlobalPool', kind }));
}

function border(op: 'ZeroPad' | 'Crop', option: string): LayerClass {
  return plain((config: LayerConfig) => ({ op, border: config.pairs(option) }));
}

const SLIDING: Readonly<Record<string, LayerClass>> = {
  Conv1D: conv(1),
  Conv2D: conv(2),
  Conv2DTranspose: convTranspose,
  DepthwiseConv2D: depthwiseConv,
  SeparableConv2D: { convert: separable, roles: withBias('depthwiseKernel', 'pointwiseKernel') },
  UpSampling2D: plain((config) => ({
    op: 'Upsample',
    size: config.numbers('size', 2),
    interpolation: config.oneOf('interpolation', { nearest: 'nearest', bilinear: 'bilinear' }),
  })),
  ZeroPadding2D: border('ZeroPad', 'padding'),
  Cropping2D: border('Crop', 'cropping'),
  MaxPooling1D: pool('max', 1),
  AveragePooling1D: pool('average', 1),
  MaxPooling2D: pool('max', 2),
  AveragePooling2D: pool('average', 2),
  GlobalMaxPooling1D: globalPool('max'),
  GlobalAveragePooling1D: globalPool('average'),
  GlobalMaxPooling2D: globalPool('max'),
  GlobalAveragePooling2D: globalPool('average'),
  Flatten: plain(() => ({ op: 'Flatten' })),
};

export const SLIDING_LAYERS: Readonly<Record<string, LayerClass>> = Object.fromEntries(
  Object.entries(SLIDING).map(([name, layerClass]) => [name, eitherFormat(layerClass)]),
);
