/** Convolutions by channel, borders, sizes, and images whose channels come first. */
import { type ConformanceCase, L, type Shape, stack } from './case.js';

const PADDINGS = ['valid', 'same'] as const;

function byChannel(): ConformanceCase[] {
  return PADDINGS.flatMap((padding) =>
    [1, 2, 3].flatMap((strides) => [
      stack(`depthwise ${padding} stride ${strides}`, [9, 8, 3], () => [
        L.depthwiseConv2d({
          kernelSize: 3,
          strides: [strides, strides],
          padding,
          depthMultiplier: 2,
          activation: 'relu',
        }),
      ]),
      stack(`separable ${padding} stride ${strides}`, [9, 8, 3], () => [
        L.separableConv2d({ filters: 5, kernelSize: [3, 2], strides, padding, depthMultiplier: 2, activation: 'tanh' }),
      ]),
    ]),
  );
}

function sized(): ConformanceCase[] {
  const conv = () => L.conv2d({ filters: 2, kernelSize: 2 });
  return [
    stack('depthwise without bias, then convolution', [6, 5, 2], () => [
      L.depthwiseConv2d({ kernelSize: 2, useBias: false }),
      conv(),
    ]),
    stack('separable with dilation', [11, 10, 2], () => [
      L.separableConv2d({ filters: 3, kernelSize: 3, dilationRate: 2, padding: 'same' }),
    ]),
    ...(
      [
        2,
        [1, 3],
        [
          [0, 2],
          [3, 1],
        ],
      ] as const
    ).flatMap((padding, i) => [
      stack(`zero padding ${i}`, [4, 5, 2], () => [L.zeroPadding2d({ padding: padding as number })]),
      stack(`convolution, zero padding ${i}, convolution`, [4, 5, 2], () => [
        conv(),
        L.zeroPadding2d({ padding: padding as number }),
        conv(),
      ]),
      stack(`cropping ${i}`, [9, 8, 2], () => [L.cropping2D({ cropping: padding as number })]),
      stack(`convolution, cropping ${i}, flatten, dense`, [9, 9, 2], () => [
        conv(),
        L.cropping2D({ cropping: padding as number }),
        L.flatten(),
        L.dense({ units: 2 }),
      ]),
    ]),
    stack('bilinear upsampling', [3, 4, 2], () => [L.upSampling2d({ size: [2, 3], interpolation: 'bilinear' })]),
    stack('convolution of open size', [null, null, 2], () => [
      L.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu' }),
      L.globalMaxPooling2d({ dataFormat: 'channelsLast' }),
    ]),
  ];
}

/** The same layers on images whose channels come first. */
function channelsFirst(): ConformanceCase[] {
  const dataFormat = 'channelsFirst';
  const image: Shape = [3, 9, 8];
  return [
    stack('channels first: convolution', image, () => [
      L.conv2d({ filters: 4, kernelSize: 3, strides: 2, dataFormat }),
    ]),
    stack('channels first: transposed convolution', [3, 4, 3], () => [
      L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, dataFormat }),
    ]),
    stack('channels first: average pooling', image, () => [L.averagePooling2d({ poolSize: [2, 3], dataFormat })]),
    stack('channels first: upsampling', [3, 2, 4], () => [L.upSampling2d({ size: [2, 2], dataFormat })]),
    stack('channels first: zero padding', image, () => [L.zeroPadding2d({ padding: [1, 2], dataFormat })]),
    stack('channels first: cropping', image, () => [
      L.cropping2D({
        cropping: [
          [1, 2],
          [0, 3],
        ],
        dataFormat,
      }),
    ]),
    stack('channels first: global average', image, () => [L.globalAveragePooling2d({ dataFormat })]),
    stack('channels first: flatten, dense', image, () => [L.flatten({ dataFormat }), L.dense({ units: 2 })]),
    stack('channels first: two convolutions, pooling', image, () => [
      L.conv2d({ filters: 4, kernelSize: 2, dataFormat, activation: 'relu' }),
      L.conv2d({ filters: 2, kernelSize: 2, dataFormat, activation: 'relu' }),
      L.globalMaxPooling2d({ dataFormat }),
    ]),
  ];
}

export function imageCases(): ConformanceCase[] {
  return [...byChannel(), ...sized(), ...channelsFirst()];
}
