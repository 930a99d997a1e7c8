/** Runs and bundles → a bundle, or a bare model where nothing says what it listens to. */
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ModelCard, modelMetadata, readBundle, writeBundle } from '../bundle/index.js';
import { ModelError, mustBe, ParameterError } from '../errors.js';
import { replaceFile, statOrNull } from '../files/index.js';
import {
  type ComposeOptions,
  composeChain,
  graphToOnnx,
  inspectOnnx,
  type Precision,
  writePrecision,
} from '../onnx/index.js';
import { modelNames, ownModel, type Spec, specOfModel } from '../spec/index.js';
import { SPEC_FILE, type StoredRun } from './train/run-folder.js';

export interface ExportReport {
  readonly out: string;
  /** Hash of the spec; null for a model without one. */
  readonly spec: string | null;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly opset: number }[];
}

export interface ExportChoices {
  readonly opset?: number | undefined;
  /** `inside` writes one file that takes PCM. */
  readonly frontEnd?: 'none' | 'inside';
  readonly precision?: Precision;
}

/** Where a recipe's run keeps its bundle. */
const BUNDLE = 'bundle';

/**
 * Writes the model of a `cochlea train` run. A model of a chain goes to one `.onnx` that carries its part of the chain's
 * spec: the chain's other models come from other runs.
 */
export async function exportRun(
  { graph, spec, report }: StoredRun,
  out: string,
  { opset, frontEnd = 'none', precision = 'float32' }: ExportChoices = {},
): Promise<ExportReport> {
  const { metrics } = report;
  const figures = metrics.test ?? metrics.validation;
  const card: ModelCard = figures === null ? {} : { metrics: figures };
  const names = spec === null ? [] : modelNames(spec);
  // Features are cut by the first windows of a chain; rows of a table are windows of the last.
  const name = spec !== null && 'table' in report.job.data ? ownModel(spec) : (names[0] ?? null);
  const own = spec === null || name === null ? spec : specOfModel(spec, name);
  const metadata = modelMetadata(own, card, spec);
  const bytes = writePrecision(graphToOnnx(graph, { metadata, ...(opset !== undefined && { opset }) }), precision);
  if (frontEnd === 'inside') {
    if (own === null || name === null) {
      throw new ParameterError('ERR_OPTION', mustBe('--front-end', '"none", as the run has no spec', frontEnd));
    }
    return writeInside(out, { spec: own, models: new Map([[name, bytes]]), card });
  }
  if (spec !== null && name !== null && names.length === 1) {
    await refuseOtherFolder(out);
    await writeBundle(out, { spec, models: { [name]: bytes }, card });
    return reportOf(out, spec, out.endsWith('.onnx') ? { [out]: bytes } : { [join(out, name)]: bytes });
  }
  if (!out.endsWith('.onnx')) {
    const expected =
      spec === null ? 'a file.onnx, as the run has no spec' : 'a file.onnx, as its spec has several models';
    throw new ParameterError('ERR_OPTION', mustBe('--out', expected, out));
  }
  await mkdir(dirname(out), { recursive: true });
  await replaceFile(out, bytes);
  return reportOf(out, own, { [out]: bytes });
}

/** Writes a bundle again, checked: one that lies there by itself, or in the folder of a recipe's run. */
export async function exportBundle(
  source: string,
  out: string,
  { opset, frontEnd = 'none', precision = 'float32' }: ExportChoices = {},
): Promise<ExportReport> {
  const inner = join(source, BUNDLE);
  const isRun = (await statOrNull(inner))?.isDirectory() === true;
  const { spec, models: found, card } = await readBundle(isRun ? inner : source);
  for (const [name, bytes] of found) {
    const written = inspectOnnx(bytes).opset;
    if (opset === undefined || opset === written) continue;
    throw new ParameterError('ERR_OPTION', mustBe('--opset', `${written}, as ${name} of a finished bundle has`, opset));
  }
  const models = new Map([...found].map(([name, bytes]) => [name, writePrecision(bytes, precision)]));
  if (frontEnd === 'inside') return writeInside(out, { spec, models, card });
  const bytesOf = Object.fromEntries(models);
  await refuseOtherFolder(out);
  await writeBundle(out, { spec, models: bytesOf, card });
  const paths = Object.entries(bytesOf).map(([name, bytes]) => [out.endsWith('.onnx') ? out : join(out, name), bytes]);
  return reportOf(out, spec, Object.fromEntries(paths));
}

/** Front-end, stages and models as one file. */
async function writeInside(out: string, chain: Omit<ComposeOptions, 'frontEnd'>): Promise<ExportReport> {
  if (!out.endsWith('.onnx')) {
    throw new ParameterError('ERR_OPTION', mustBe('--out', 'a file.onnx, for a front-end inside', out));
  }
  const bytes = composeChain({ ...chain, frontEnd: 'inside' });
  await mkdir(dirname(out), { recursive: true });
  await replaceFile(out, bytes);
  return reportOf(out, chain.spec, { [out]: bytes });
}

/** A bundle replaces the folder it is written to, so that must be one, or empty. */
async function refuseOtherFolder(out: string): Promise<void> {
  const names = await namesIn(out);
  if (names.length === 0 || names.includes(SPEC_FILE)) return;
  const got = `${out}, which holds other files`;
  throw new ParameterError('ERR_OPTION', mustBe('--out', 'a new folder, or an old bundle', got));
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}

function reportOf(out: string, spec: Spec | null, files: Readonly<Record<string, Uint8Array>>): ExportReport {
  const written = Object.entries(files).map(([path, bytes]) => ({ path, bytes: bytes.length, ...opsetOf(bytes) }));
  if (written.length === 0) throw new ModelError('ERR_MODEL', mustBe('bundle', 'one with a model', 'none'));
  return { out, spec: spec?.hash ?? null, files: written };
}

function opsetOf(bytes: Uint8Array): { opset: number } {
  return { opset: inspectOnnx(bytes).opset };
}
