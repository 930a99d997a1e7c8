/** Whether something is whole and right: finds out what it is, and asks whoever can tell. */
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { METADATA_KEYS, readBundle, readModelMetadata, specInMetadata } from '../../bundle/index.js';
import { checkFeatures } from '../../dataset/index.js';
import { mustBe, ParameterError, toPlainError } from '../../errors.js';
import { statOrNull } from '../../files/index.js';
import { type CheckOptions, checkModel, type OutputDifference } from '../../inference/index.js';
import { graphToOnnx } from '../../onnx/index.js';
import { readManifest } from '../../shards/index.js';
import { type Spec, specOfModel } from '../../spec/index.js';
import type { Finding, LongWork } from '../../types.js';
import { readRun } from '../train/run-folder.js';
import { realInputs } from './real-inputs.js';
import type { Reference } from './reference.js';

export interface CheckPathOptions extends LongWork {
  /** A model whose outputs these should be. */
  readonly against?: string;
  /** A folder of features or a table to compare on, beside random numbers. */
  readonly data?: string;
  readonly tolerance?: number;
  readonly seed?: number;
}

export interface CheckReport {
  readonly kind: 'model' | 'bundle' | 'run' | 'features';
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  /** By model; null where nothing was compared. */
  readonly differences: Readonly<Record<string, readonly OutputDifference[]>> | null;
}

interface NamedModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What it serves with by itself. */
  readonly spec: Spec | null;
}

/** What is at a path, as far as it can be read. */
interface Opened {
  readonly kind: CheckReport['kind'];
  readonly findings: readonly Finding[];
  readonly models: readonly NamedModel[];
}

const BUNDLE = 'bundle';

/**
 * @throws ParameterError `ERR_OPTION` for what this version does not check, or options that do not go with it; whatever
 *   the reader of `against` or `data` has against them
 */
export async function check(path: string, o: CheckPathOptions = {}): Promise<CheckReport> {
  if ((await statOrNull(path)) === null) throw refused('a file or folder that exists', path);
  if ((await manifestOf(path)) !== null) return checkFolderOfFeatures(path, o);
  const { kind, findings, models } = await open(path);
  if (o.data !== undefined && o.against === undefined) {
    throw new ParameterError('ERR_OPTION', mustBe('--data', 'left out without --against', o.data));
  }
  const names = models.map(({ name }) => name);
  const reference = o.against === undefined || names.length === 0 ? null : await referenceAt(o.against, names);
  const all: Finding[] = [...findings];
  const differences: Record<string, readonly OutputDifference[]> = {};
  for (const { name, bytes, spec } of models) {
    // What later models of a chain read is no data, but what the first one gives.
    const data = name === names[0] ? o.data : undefined;
    const options: CheckOptions = {
      ...(reference !== null && { against: reference(name) }),
      ...(data !== undefined && { inputs: realInputs(data, bytes, spec) }),
      ...(o.tolerance !== undefined && { tolerance: o.tolerance }),
      ...(o.seed !== undefined && { seed: o.seed }),
    };
    const checked = await checkModel(bytes, options);
    const of = (finding: Finding) => (models.length > 1 ? `${name}: ${finding.name}` : finding.name);
    all.push(...checked.findings.map((finding) => ({ ...finding, name: of(finding) })));
    if (checked.differences !== null) differences[name] = checked.differences;
  }
  const ok = all.every(({ status }) => status !== 'failed');
  return { kind, ok, findings: all, differences: reference === null ? null : differences };
}

/** Loads tfjs only where there is something to compare with. */
async function referenceAt(path: string, names: readonly string[]): Promise<Reference> {
  const { openReference } = await import('./reference.js');
  return openReference(path, names);
}

/** Null for anything but a folder of features, also a damaged one's. */
async function manifestOf(path: string): Promise<unknown> {
  return readManifest(path).catch((thrown: unknown) => toPlainError(thrown));
}

async function checkFolderOfFeatures(path: string, o: CheckPathOptions): Promise<CheckReport> {
  const given = o.against ?? o.data;
  if (given !== undefined) {
    const flag = o.against === undefined ? '--data' : '--against';
    throw new ParameterError('ERR_OPTION', mustBe(flag, 'left out for a folder of features', given));
  }
  const { signal, onProgress } = o;
  const work = { ...(signal !== undefined && { signal }), ...(onProgress !== undefined && { onProgress }) };
  return { kind: 'features', ...(await checkFeatures(path, work)), differences: null };
}

async function open(path: string): Promise<Opened> {
  if (extname(path) === '.onnx') return openModel(path);
  const run = await readRun(path);
  if (run !== null) {
    const bytes = graphToOnnx(run.graph);
    return { kind: 'run', findings: [], models: [{ name: `${basename(path)}.onnx`, bytes, spec: run.spec }] };
  }
  for (const folder of [join(path, BUNDLE), path]) {
    if ((await statOrNull(join(folder, 'spec.json'))) !== null) return openBundle(folder);
  }
  throw refused('an .onnx, a bundle, a run or a folder of features (`cochlea inspect` reads the rest)', path);
}

/** One file, which may be a bundle, or need others beside it. */
async function openModel(path: string): Promise<Opened> {
  const bytes = await readFile(path);
  const name = basename(path);
  const metadata = metadataOf(bytes);
  if (metadata[METADATA_KEYS.spec] === undefined) {
    const found = 'none: not a bundle of cochlea, a detector refuses it';
    return {
      kind: 'model',
      findings: [{ name: 'spec', status: 'skipped', found }],
      models: [{ name, bytes, spec: null }],
    };
  }
  try {
    const isChain = metadata[METADATA_KEYS.frontEnd] !== undefined;
    const spec = isChain ? specInMetadata(metadata, name) : (await readBundle(path)).spec;
    const found = `${spec.hash}, as its metadata say${isChain ? '; all of its stages are inside' : ''}`;
    return { kind: 'model', findings: [{ name: 'spec', status: 'passed', found }], models: [{ name, bytes, spec }] };
  } catch (thrown) {
    const failed = { name: 'spec', status: 'failed', found: toPlainError(thrown).message } as const;
    return { kind: 'model', findings: [failed], models: [{ name, bytes, spec: null }] };
  }
}

/** Empty for a file that is no model: the check of the model says that. */
function metadataOf(bytes: Uint8Array): Readonly<Record<string, string>> {
  try {
    return readModelMetadata(bytes);
  } catch {
    return {};
  }
}

async function openBundle(folder: string): Promise<Opened> {
  try {
    const { spec, models } = await readBundle(folder);
    const found = `${spec.hash}, and that of each of ${models.size} models fits`;
    const named = [...models].map(([name, bytes]) => ({
      name,
      bytes,
      spec: specOfModel(spec, name),
    }));
    return { kind: 'bundle', findings: [{ name: 'spec', status: 'passed', found }], models: named };
  } catch (thrown) {
    return {
      kind: 'bundle',
      findings: [{ name: 'spec', status: 'failed', found: toPlainError(thrown).message }],
      models: [],
    };
  }
}

function refused(expected: string, got: string): ParameterError {
  return new ParameterError('ERR_OPTION', mustBe('what to check', expected, got));
}
