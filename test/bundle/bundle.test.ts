import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundle, readModelMetadata, writeBundle } from '../../src/bundle/index.js';
import { defineSpec, type StageInput, specOfModel } from '../../src/spec/index.js';
import { meanModel } from '../inference/models.js';

const specOf = (stages: StageInput[], threshold = 0.5) =>
  defineSpec({
    task: 'detect',
    audio: { sampleRate: 16_000 },
    features: { kind: 'stft', nFft: 400, hopLength: 80, power: 2, center: false },
    stages,
    labels: ['none', 'beep'],
    positive: 'beep',
    decision: { threshold },
  });
const one = specOf([{ windowing: { size: 1 }, model: 'tone.onnx' }]);
const chainOf = (size: number) =>
  specOf([
    {
      windowing: { size: 1 },
      model: 'tone.onnx',
      labels: ['none', 'tone'],
      positive: 'tone',
      decision: { threshold: 0.3 },
    },
    { windowing: { size }, model: 'sequence.onnx' },
  ]);
const chain = chainOf(4);
const tone = (bundle = one) => meanModel({ input: [201, 1], spec: specOfModel(bundle, 'tone.onnx'), bundle });
const sequence = (bundle = chain) => meanModel({ input: [4, 1], spec: bundle, bundle });
const chainModels = () => ({ 'tone.onnx': tone(chain), 'sequence.onnx': sequence() });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cochlea-bundle-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('readModelMetadata', () => {
  it('reads keys and values, also empty and long ones', () => {
    const long = 'ä'.repeat(70_000);
    const bytes = meanModel({ input: [3], metadata: { a: '', 'cochlea.version': '1.2.3', long } });
    expect(readModelMetadata(bytes)).toEqual({ a: '', 'cochlea.version': '1.2.3', long });
    expect(readModelMetadata(meanModel({ input: [3] }))).toEqual({});
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('not a model at all, just some text that goes on')],
    ['zeros', new Uint8Array(64)],
    ['a WAV header', new TextEncoder().encode('RIFF....WAVEfmt ')],
  ])('refuses %s', (_, bytes) => {
    const message = new RegExp(`^x\\.onnx must be an ONNX model, got ${bytes.length} bytes that are not one$`);
    expect(() => readModelMetadata(bytes, 'x.onnx')).toThrow(message);
  });

  it('refuses a model cut anywhere, or reads what is whole, but never hangs or throws something else', () => {
    const bytes = meanModel({ input: [3], spec: one });
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      try {
        readModelMetadata(bytes.subarray(0, length));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_MODEL_FILE' });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length - 10);
  });
});

describe('bundles', () => {
  it('come back from a folder as they were written', async () => {
    const path = join(folder, 'deep', 'er', 'beep');
    const models = chainModels();
    await writeBundle(path, { spec: chain, models, card: { licences: ['CC0-1.0'], metrics: { f1: 1 } } });
    expect((await readdir(path)).sort()).toEqual(['card.json', 'sequence.onnx', 'spec.json', 'tone.onnx']);
    const bundle = await readBundle(path);
    expect(bundle.spec.hash).toBe(chain.hash);
    expect([...bundle.models.keys()]).toEqual(['tone.onnx', 'sequence.onnx']);
    expect(Buffer.from(bundle.models.get('tone.onnx')!).equals(models['tone.onnx'])).toBe(true);
    expect(bundle).toMatchObject({ card: { licences: ['CC0-1.0'], metrics: { f1: 1 } }, path });
  });

  it('replace the one that was there, and leave nothing beside it', async () => {
    const path = join(folder, 'again', 'beep');
    await writeBundle(path, { spec: one, models: { 'tone.onnx': tone() } });
    await writeFile(join(path, 'stray.txt'), 'x');
    await writeBundle(path, { spec: chain, models: chainModels() });
    expect((await readBundle(path)).spec.hash).toBe(chain.hash);
    expect(await readdir(join(folder, 'again'))).toEqual(['beep']);
    expect(await readdir(path)).not.toContain('stray.txt');
  });

  it('are one file where there is one model', async () => {
    const path = join(folder, 'fan.onnx');
    const bytes = meanModel({ input: [201], spec: one, metadata: { 'cochlea.metrics': '{"f1":0.5}' } });
    await writeBundle(path, { spec: one, models: { 'tone.onnx': bytes } });
    for (const source of [path, bytes]) {
      const bundle = await readBundle(source);
      expect(bundle.spec.hash).toBe(one.hash);
      expect([...bundle.models.keys()]).toEqual(['tone.onnx']);
      expect(bundle.card).toEqual({ metrics: { f1: 0.5 } });
    }
  });

  it('need no card', async () => {
    const path = join(folder, 'no-card');
    await writeBundle(path, { spec: one, models: { 'tone.onnx': tone() } });
    await rm(join(path, 'card.json'));
    expect((await readBundle(path)).card).toEqual({});
  });

  it('refuse a model without our metadata, saying why', async () => {
    await expect(readBundle(meanModel({ input: [201] }))).rejects.toMatchObject({
      code: 'ERR_MODEL_FILE',
      message: expect.stringContaining('got one without cochlea.spec: it carries no spec of cochlea'),
    });
    const path = join(folder, 'foreign');
    await writeBundle(path, { spec: one, models: { 'tone.onnx': tone() } });
    await writeFile(join(path, 'tone.onnx'), meanModel({ input: [201] }));
    await expect(readBundle(path)).rejects.toMatchObject({ code: 'ERR_MODEL_FILE' });
  });

  it('say what stands in the way of a path, not that it is absent', async () => {
    const path = join(folder, 'round');
    await symlink('round', path);
    await expect(readBundle(path)).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('refuse what was made for another spec', async () => {
    const other = specOf([{ windowing: { size: 1 }, model: 'tone.onnx' }], 0.75);
    await expect(
      writeBundle(join(folder, 'x'), { spec: one, models: { 'tone.onnx': tone(other) } }),
    ).rejects.toMatchObject({
      code: 'ERR_SPEC_MISMATCH',
      message: `spec of tone.onnx must be ${one.hash}, its part of the bundle's, got "${other.hash}"`,
    });
    const wrongHash = meanModel({ input: [201], spec: one, metadata: { 'cochlea.spec_hash': '0123' } });
    await expect(readBundle(wrongHash)).rejects.toMatchObject({ code: 'ERR_SPEC_MISMATCH' });
    expect(await readdir(folder)).not.toContain('x');
  });

  it.each([
    ['a missing path', () => 'nowhere', 'ERR_MODEL_FILE', /bundle must be a folder or an .onnx file, got "nowhere"/],
    [
      'a later part of a chain without its folder',
      sequence,
      'ERR_MODEL_FILE',
      /model must be a file beside tone\.onnx, whose outputs it takes, got "bytes alone"/,
    ],
    [
      'a spec without a model',
      () => meanModel({ input: [201], spec: specOf([{ windowing: { size: 1 } }]) }),
      'ERR_MODEL_FILE',
      /model must carry a spec whose stages name its model/,
    ],
  ])('refuse %s', async (_, source, code, message) => {
    await expect(readBundle(source())).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('refuse a folder without a part, a card that is no JSON, a model name with a path', async () => {
    const path = join(folder, 'broken');
    await writeBundle(path, { spec: one, models: { 'tone.onnx': tone() } });
    await rm(join(path, 'tone.onnx'));
    await expect(readBundle(path)).rejects.toThrow(/bundle must be a folder with tone\.onnx, got .*broken: ENOENT/);
    await writeFile(join(path, 'tone.onnx'), tone());
    await writeFile(join(path, 'card.json'), '{');
    await expect(readBundle(path)).rejects.toThrow(/card\.json must be JSON/);
    const escaping = specOf([{ windowing: { size: 1 }, model: '../tone.onnx' }]);
    await writeFile(join(path, 'spec.json'), JSON.stringify(escaping));
    await expect(readBundle(path)).rejects.toThrow('model name must be a file name without a folder');
    expect(JSON.parse(await readFile(join(path, 'spec.json'), 'utf8')).cochlea).toBe(1);
  });

  it('are not written with other models than the spec names', async () => {
    const path = join(folder, 'y.onnx');
    const wrong = { spec: one, models: { 'other.onnx': tone() } };
    await expect(writeBundle(path, wrong)).rejects.toThrow('models must be tone.onnx, got "other.onnx"');
    const two = { spec: chain, models: chainModels() };
    await expect(writeBundle(path, two)).rejects.toThrow('path must be a folder, as the spec has 2 models');
    const none = { spec: specOf([{ windowing: { size: 1 } }]), models: {} };
    await expect(writeBundle(path, none)).rejects.toThrow('spec.stages must be at least one model');
  });
});

describe('one file of a bundle', () => {
  let path = '';
  beforeAll(async () => {
    path = join(folder, 'chain');
    await writeBundle(path, { spec: chain, models: chainModels() });
  });

  it('that needs no other is a bundle of its own, also as bytes and under another name', async () => {
    const bytes = await readFile(join(path, 'tone.onnx'));
    await writeFile(join(folder, 'renamed.onnx'), bytes);
    for (const source of [join(path, 'tone.onnx'), join(folder, 'renamed.onnx'), bytes]) {
      const { spec, models } = await readBundle(source);
      expect(spec.hash).toBe(specOfModel(chain, 'tone.onnx').hash);
      expect(spec.hash).not.toBe(chain.hash);
      expect([...models.keys()]).toEqual(['tone.onnx']);
    }
  });

  it('takes those before it from its folder', async () => {
    const { spec, models } = await readBundle(join(path, 'sequence.onnx'));
    expect(spec.hash).toBe(chain.hash);
    expect([...models.keys()]).toEqual(['tone.onnx', 'sequence.onnx']);
    expect(Buffer.from(models.get('tone.onnx')!).equals(tone(chain))).toBe(true);
  });

  it('is refused by the name of one that is not there', async () => {
    await writeFile(join(folder, 'sequence.onnx'), sequence());
    await expect(readBundle(join(folder, 'sequence.onnx'))).rejects.toMatchObject({
      code: 'ERR_MODEL_FILE',
      message: expect.stringMatching(
        /^sequence\.onnx must lie beside tone\.onnx, whose outputs it takes, got .*ENOENT/,
      ),
      details: { missing: 'tone.onnx' },
    });
  });

  it.each([
    ['computes something else', () => tone(one), /^spec of tone\.onnx must be .*, its part of the bundle's, got/],
    [
      'was made for another chain',
      () => tone(chainOf(8)),
      /^cochlea\.bundle_hash of tone\.onnx must be .*, the bundle's spec, got/,
    ],
  ])('is refused where one before it %s, and so is the folder', async (name, other, message) => {
    const mixed = join(folder, name);
    await writeBundle(mixed, { spec: chain, models: chainModels() });
    await writeFile(join(mixed, 'tone.onnx'), other());
    for (const source of [mixed, join(mixed, 'sequence.onnx')]) {
      await expect(readBundle(source)).rejects.toMatchObject({
        code: 'ERR_SPEC_MISMATCH',
        message: expect.stringMatching(message),
      });
    }
    const models = { ...chainModels(), 'tone.onnx': other() };
    await expect(writeBundle(join(folder, 'z'), { spec: chain, models })).rejects.toThrow(message);
  });

  it('can be written as a bundle by itself', async () => {
    const { spec, models } = await readBundle(join(path, 'tone.onnx'));
    const copies = [join(folder, 'alone.onnx'), join(folder, 'alone')];
    for (const copy of copies) {
      await writeBundle(copy, { spec, models: Object.fromEntries(models) });
      expect((await readBundle(copy)).spec.hash).toBe(spec.hash);
    }
  });
});
