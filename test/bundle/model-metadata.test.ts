import { expect, it } from 'vitest';
import { modelMetadata } from '../../src/bundle/index.js';
import { defineSpec } from '../../src/spec/index.js';
import { libraryVersion } from '../../src/version.js';

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
    'cochlea.metrics': '{"f1":0.5}',
    'cochlea.licences': '["CC0-1.0","MIT"]',
  });
  expect(modelMetadata(null, { licences: 'CC0-1.0' })).toEqual({ ...version, 'cochlea.licences': 'CC0-1.0' });
});
