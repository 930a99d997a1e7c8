import { expect, it } from 'vitest';
import { modelMetadata, partMetadata } from '../../src/bundle/index.js';
import { libraryVersion } from '../../src/packages.js';
import { defineSpec, specOfModel } from '../../src/spec/index.js';

const spec = defineSpec({
  task: 'detect',
  audio: { sampleRate: 16_000 },
  features: { kind: 'stft', nFft: 400 },
  stages: [{ windowing: { size: 1 }, model: 'tone.onnx' }],
});
const version = { 'cochlea.version': libraryVersion() };

it('is the version alone for a model without spec and card', () => {
  expect(modelMetadata(null)).toEqual(version);
  expect(modelMetadata(null, { created: '2026-01-01' })).toEqual(version);
});

it('carries spec, hash, metrics and licences', () => {
  const card = { metrics: { f1: 0.5 }, licences: ['CC0-1.0', 'MIT'] };
  expect(modelMetadata(spec, card)).toEqual({
    ...version,
    'cochlea.spec': JSON.stringify(spec),
    'cochlea.spec_hash': spec.hash,
    'cochlea.bundle_hash': spec.hash,
    'cochlea.metrics': '{"f1":0.5}',
    'cochlea.licences': '["CC0-1.0","MIT"]',
  });
  expect(modelMetadata(null, { licences: 'CC0-1.0' })).toEqual({ ...version, 'cochlea.licences': 'CC0-1.0' });
});

it('of a part of a chain carries its own spec, the hash of the chain and, where it is the last, the metrics', () => {
  const stages = [...spec.stages, { windowing: { size: 4 }, model: 'sequence.onnx' }];
  const chain = defineSpec({ ...spec.toJSON(), stages });
  const card = { metrics: { f1: 0.5 }, licences: 'MIT' };
  const own = specOfModel(chain, 'tone.onnx');
  expect(partMetadata(chain, 'tone.onnx', card)).toEqual({
    ...version,
    'cochlea.spec': JSON.stringify(own),
    'cochlea.spec_hash': own.hash,
    'cochlea.bundle_hash': chain.hash,
    'cochlea.licences': 'MIT',
  });
  expect(partMetadata(chain, 'sequence.onnx', card)).toEqual(modelMetadata(chain, card));
  expect(() => partMetadata(chain, 'other.onnx')).toThrow('model must be tone.onnx, sequence.onnx, got "other.onnx"');
});
