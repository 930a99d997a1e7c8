/**
 * A bundle is what a detector needs and nothing else: a spec, its model files and a card, as a folder or as one `.onnx`.
 * Every model file carries the spec of what it computes by itself, which is the bundle's up to its own stage, and the hash
 * of the bundle's.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ModelError, mustBe, ParameterError } from '../errors.js';
import { replaceFile, statOrNull, UNFINISHED, writeSynced } from '../files/index.js';
import { modelNames, ownModel, parseSpec, type Spec, specOfModel } from '../spec/index.js';
import { readModelMetadata } from './metadata.js';
import { METADATA_KEYS, type ModelCard } from './model-metadata.js';

export interface Bundle {
  readonly spec: Spec;
  /** Bytes of each model by the name its stage has in the spec. */
  readonly models: ReadonlyMap<string, Uint8Array>;
  /** Empty where the bundle has none. */
  readonly card: ModelCard;
  /** The folder or file; null where it came as bytes. */
  readonly path: string | null;
}

export interface BundleContent {
  readonly spec: Spec;
  readonly models: Readonly<Record<string, Uint8Array>>;
  readonly card?: ModelCard;
}

const SPEC_FILE = 'spec.json';
const CARD_FILE = 'card.json';

/**
 * Reads a bundle and checks that its parts belong together.
 *
 * @param source a folder (`spec.json`, the models its stages name, `card.json`); a single `.onnx`, which is served by the
 *   spec in its metadata, with the models before it in its chain, if any, from the same folder; or the bytes of one that
 *   needs no other
 * @throws ModelError `ERR_MODEL_FILE` for what is missing, not a model, or has no cochlea metadata; `ERR_SPEC_MISMATCH`
 *   where a model was made for another spec
 */
export async function readBundle(source: string | Uint8Array): Promise<Bundle> {
  if (typeof source !== 'string') return single(source, 'model', null);
  const info = await statOrNull(source);
  if (info === null) {
    throw new ModelError('ERR_MODEL_FILE', mustBe('bundle', 'a folder or an .onnx file', source), { path: source });
  }
  return info.isDirectory() ? readFolder(source) : single(await readFile(source), basename(source), source);
}

/**
 * Writes a bundle so that readers see the old one or the new one, never a part: everything goes to a temporary name
 * beside `path`, is synced to disk and renamed.
 *
 * @param path a folder, or with the ending `.onnx` one file (for a spec with one model)
 * @throws ParameterError `ERR_OPTION` where the models are not exactly those the spec's stages name
 * @throws ModelError as `readBundle`: nothing is written that it would refuse
 */
export async function writeBundle(path: string, content: BundleContent): Promise<void> {
  const { spec, models, card = {} } = content;
  const wanted = modelNames(spec);
  const given = Object.keys(models);
  if (wanted.length === 0) throw new ParameterError('ERR_OPTION', mustBe('spec.stages', 'at least one model', 'none'));
  if (wanted.length !== given.length || wanted.some((name) => models[name] === undefined)) {
    throw new ParameterError('ERR_OPTION', mustBe('models', wanted.join(', '), given.join(', ') || 'none'));
  }
  for (const name of wanted) checkModel(models[name]!, name, spec, spec.hash);

  await mkdir(dirname(path), { recursive: true });
  if (path.endsWith('.onnx')) {
    if (wanted.length > 1) {
      throw new ParameterError('ERR_OPTION', mustBe('path', `a folder, as the spec has ${wanted.length} models`, path));
    }
    await replaceFile(path, models[wanted[0]!]!);
    return;
  }
  const temporary = `${path}.${randomUUID()}${UNFINISHED}`;
  await mkdir(temporary);
  for (const name of wanted) await writeSynced(join(temporary, name), models[name]!);
  await writeSynced(join(temporary, CARD_FILE), json(card));
  await writeSynced(join(temporary, SPEC_FILE), json(spec));
  await replaceFolder(temporary, path);
}

async function readFolder(folder: string): Promise<Bundle> {
  const specText = await readPart(folder, SPEC_FILE);
  const spec = parseSpec(new TextDecoder().decode(specText));
  const models = new Map<string, Uint8Array>();
  for (const name of modelNames(spec)) {
    const bytes = await readPart(folder, name);
    checkModel(bytes, name, spec, spec.hash);
    models.set(name, bytes);
  }
  return { spec, models, card: await readCard(folder), path: folder };
}

async function readPart(
  folder: string,
  name: string,
  expected = `bundle must be a folder with ${name}`,
): Promise<Uint8Array> {
  if (basename(name) !== name) {
    throw new ModelError('ERR_MODEL_FILE', mustBe('model name', 'a file name without a folder', name), { name });
  }
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${expected}, got ${folder}: ${reason}`;
    throw new ModelError('ERR_MODEL_FILE', message, { path: folder, missing: name });
  }
}

async function readCard(folder: string): Promise<ModelCard> {
  const text = await readFile(join(folder, CARD_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'; // a card informs; nothing depends on it
    throw error;
  });
  return parseCard(text, CARD_FILE);
}

function parseCard(text: string, name: string): ModelCard {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelError('ERR_MODEL_FILE', `${name} must be JSON, got ${reason}`, { name });
  }
}

/** A model file as a bundle of its own, whatever the file is called now. */
async function single(bytes: Uint8Array, name: string, path: string | null): Promise<Bundle> {
  const metadata = readModelMetadata(bytes, name);
  const spec = specOf(metadata, name);
  const own = ownModel(spec);
  if (own === null) {
    const message = `${name} must carry a spec whose stages name its model, got one without a model`;
    throw new ModelError('ERR_MODEL_FILE', message, { name });
  }
  const models = new Map<string, Uint8Array>();
  for (const needed of modelNames(spec)) {
    if (needed === own) {
      models.set(own, bytes);
      continue;
    }
    const before = await readNeighbour(path, name, needed);
    checkModel(before, needed, spec, bundleOf(metadata, spec));
    models.set(needed, before);
  }
  return { spec, models, card: cardOf(metadata), path };
}

/** A model that comes before `name` in the chain, from the same folder. */
function readNeighbour(path: string | null, name: string, needed: string): Promise<Uint8Array> {
  if (path === null) {
    const expected = `a file beside ${needed}, whose outputs it takes`;
    throw new ModelError('ERR_MODEL_FILE', mustBe(name, expected, 'bytes alone'), { name, missing: needed });
  }
  return readPart(dirname(path), needed, `${name} must lie beside ${needed}, whose outputs it takes`);
}

function cardOf(metadata: Record<string, string>): ModelCard {
  const { version, metrics, licences } = METADATA_KEYS;
  return Object.fromEntries(
    [version, metrics, licences].flatMap((key) => {
      const text = metadata[key];
      if (text === undefined) return [];
      const value = key === metrics ? parseCard(text, key) : text;
      return [[key.slice(key.indexOf('.') + 1), value]];
    }),
  );
}

function specOf(metadata: Readonly<Record<string, string>>, name: string): Spec {
  refuseChain(metadata, name);
  return specInMetadata(metadata, name);
}

/**
 * The spec that a model file carries, whoever can serve it.
 * @throws ModelError `ERR_MODEL_FILE` where it carries none, `ERR_SPEC_MISMATCH` where its hash is another's
 */
export function specInMetadata(metadata: Readonly<Record<string, string>>, name: string): Spec {
  const text = metadata[METADATA_KEYS.spec];
  if (text === undefined) {
    const message = `${name} must be a model with a spec in its metadata, got one without ${METADATA_KEYS.spec}: it carries no spec of cochlea, so nothing says which features it expects`;
    throw new ModelError('ERR_MODEL_FILE', message, { name, missing: METADATA_KEYS.spec });
  }
  const spec = parseSpec(text);
  const recorded = metadata[METADATA_KEYS.specHash];
  if (recorded !== undefined && recorded !== spec.hash) {
    throw mismatch(`${METADATA_KEYS.specHash} of ${name}`, `${spec.hash}, the hash of the spec beside it`, recorded);
  }
  return spec;
}

/** A whole chain as one model is for runtimes without this library, which has the front-end natively. */
function refuseChain(metadata: Readonly<Record<string, string>>, name: string): void {
  const frontEnd = metadata[METADATA_KEYS.frontEnd];
  if (frontEnd === undefined) return;
  const input = frontEnd === 'inside' ? 'front-end inside, which takes PCM [batch, samples]' : 'stages inside';
  const instead = 'run it in onnxruntime itself, or load the bundle that it was exported from';
  const message = `${name} must be a model of windows of features, got one with its ${input}: ${instead}`;
  throw new ModelError('ERR_MODEL_FILE', message, { name });
}

/** Hash of the spec of the bundle that a file was made for; one that does not say it was made for itself. */
function bundleOf(metadata: Record<string, string>, own: Spec): string {
  return metadata[METADATA_KEYS.bundleHash] ?? own.hash;
}

/** @param bundleHash of the spec of the bundle that the model must have been made for */
function checkModel(bytes: Uint8Array, name: string, spec: Spec, bundleHash: string): void {
  const metadata = readModelMetadata(bytes, name);
  const own = specOf(metadata, name);
  const expected = specOfModel(spec, name).hash;
  if (own.hash !== expected) throw mismatch(`spec of ${name}`, `${expected}, its part of the bundle's`, own.hash);
  const made = bundleOf(metadata, own);
  // A model that carries all of the spec fits it, also where it was once the beginning of a longer chain.
  if (made === bundleHash || own.hash === spec.hash) return;
  throw mismatch(`${METADATA_KEYS.bundleHash} of ${name}`, `${bundleHash}, the bundle's spec`, made);
}

function mismatch(name: string, expected: string, got: string): ModelError {
  return new ModelError('ERR_SPEC_MISMATCH', mustBe(name, expected, got), { expected, got });
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/** A folder cannot be renamed over one with files in it, so the old one steps aside first. */
async function replaceFolder(temporary: string, path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}.old`;
  const hadOne = await rename(path, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  await rename(temporary, path);
  if (hadOne) await rm(aside, { recursive: true });
}
