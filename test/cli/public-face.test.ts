/** `src/index.ts`: the names of the API page, and how little it loads. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as face from '../../src/index.js';

const INDEX = new URL('../../dist/index.js', import.meta.url).href;

const NAMES = [
  ...['readTextGrid', 'writeTextGrid'],
  ...['readAudio', 'stft', 'melSpectrogram', 'logMel', 'mfcc', 'Stft', 'MelSpectrogram', 'LogMel', 'Mfcc', 'windows'],
  ...['deltas', 'cmvn', 'slidingCmvn', 'powerToDb', 'amplitudeToDb', 'preemphasis', 'frames', 'rms'],
  ...['zeroCrossingRate', 'goertzel', 'spectralCentroid', 'spectralRolloff', 'spectralFlatness', 'spectralFlux'],
  ...['istft', 'boundaryRegions', 'checkModel', 'checkFeatures'],
  ...[
    'defineSpec',
    'extract',
    'extractShard',
    'mergeShards',
    'planExtraction',
    'FeatureDataset',
    'evaluate',
    'chooseThreshold',
    'Detector',
    'runtimeInfo',
  ],
  ...['CochleaError', 'ParameterError', 'AudioFormatError', 'NativeError', 'DeviceError', 'PoolError'],
  ...['DatasetError', 'ModelError', 'ExportError'],
];

it('has exactly the names of the API page', () => {
  expect(Object.keys(face).sort()).toEqual([...NAMES].sort());
});

it('loads neither tfjs nor onnxruntime nor charts', () => {
  const script = `
    import { createRequire, register } from 'node:module';
    const hooks = 'import { writeSync } from "node:fs"; export const load = (url, context, next) => {' +
      ' writeSync(1, url + "\\\\n"); return next(url, context); };';
    register('data:text/javascript,' + encodeURIComponent(hooks));
    await import(${JSON.stringify(INDEX)});
    for (const file of Object.keys(createRequire(import.meta.url).cache)) console.log(file);`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd, encoding: 'utf8' });
  expect(loaded).toContain('/dist/features/');
  expect(loaded).toContain('node_modules/apache-arrow');
  for (const heavy of ['@tensorflow', 'onnxruntime-node', 'onnx-proto', 'vega', 'commander']) {
    expect(loaded).not.toContain(`node_modules/${heavy}`);
  }
  expect(loaded).not.toContain('/dist/training/');
});
