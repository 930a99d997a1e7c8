import { type ConformanceCase, L, stack } from './case.js';

export function convCases(): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  for (const padding of ['valid', 'same'] as const) {
    for (const [strides, dilationRate] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [1, 2],
      [1, 3],
    ] as const) {
      for (const length of [23, 24]) {
        const name = `conv1d ${padding} stride ${strides} dilation ${dilationRate} length ${length}`;
        const options = { filters: 5, kernelSize: 4, padding, strides, dilationRate, activation: 'relu' as const };
        cases.push(stack(name, [length, 3], () => [L.conv1d(options)]));
      }
    }
    for (const strides of [1, 2] as const) {
      const options = { filters: 4, kernelSize: [3, 2] as [number, number], padding, strides };
      cases.push(stack(`conv2d ${padding} stride ${strides}`, [9, 8, 2], () => [L.conv2d(options)]));
    }
  }
  const softmax = 'softmax';
  return [
    ...cases,
    stack('conv1d of open length, same', [null, 2], () => [L.conv1d({ filters: 3, kernelSize: 3, padding: 'same' })]),
    stack('conv1d of open length, same, strided', [null, 2], () => [
      L.conv1d({ filters: 3, kernelSize: 4, strides: 3, padding: 'same', useBias: false }),
    ]),
    stack('conv1d softmax over channels', [11, 2], () => [
      L.conv1d({ filters: 4, kernelSize: 3, activation: softmax }),
    ]),
    stack('conv1d then softmax layer', [11, 2], () => [
      L.conv1d({ filters: 4, kernelSize: 3 }),
      L.activation({ activation: softmax }),
    ]),
    stack('conv2d, pool, flatten, dense', [12, 10, 1], () => [
      L.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }),
      L.maxPooling2d({ poolSize: [2, 2] }),
      L.averagePooling2d({ poolSize: [2, 2], strides: [1, 1], padding: 'same' }),
      L.flatten(),
      L.dense({ units: 4 }),
    ]),
    stack('conv2d global average', [8, 7, 2], () => [
      L.conv2d({ filters: 3, kernelSize: 3 }),
      L.globalAveragePooling2d({ dataFormat: 'channelsLast' }),
    ]),
  ];
}

export function poolCases(): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  for (const padding of ['valid', 'same'] as const) {
    for (const [poolSize, strides] of [
      [4, 4],
      [3, 2],
      [2, 1],
    ] as const) {
      const options = { poolSize, strides, padding };
      cases.push(stack(`max pool ${poolSize}/${strides} ${padding}`, [13, 3], () => [L.maxPooling1d(options)]));
      cases.push(stack(`average pool ${poolSize}/${strides} ${padding}`, [13, 3], () => [L.averagePooling1d(options)]));
    }
  }
  const conv = () => L.conv1d({ filters: 4, kernelSize: 3 });
  return [
    ...cases,
    stack('global max', [9, 4], () => [L.globalMaxPooling1d()]),
    stack('global average of open length', [null, 4], () => [L.globalAveragePooling1d()]),
    stack('conv, global max, dense', [9, 2], () => [conv(), L.globalMaxPooling1d(), L.dense({ units: 2 })]),
    stack('conv, global average', [9, 2], () => [conv(), L.globalAveragePooling1d()]),
  ];
}
