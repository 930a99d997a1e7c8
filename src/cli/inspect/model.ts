import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { METADATA_KEYS, readBundle } from '../../bundle/index.js';
import { inspectOnnx, type OnnxSummary, type OnnxSummaryValue } from '../../onnx/index.js';
import { modelNames, parseSpec, type Spec } from '../../spec/index.js';
import { type Facts, formatBytes, formatCount } from '../format.js';
import type { Inspection } from './report.js';
import { specFacts } from './spec.js';

/** One `.onnx` file of whoever made it; with our metadata also its spec. */
export async function inspectModel(path: string): Promise<Inspection> {
  const bytes = await readFile(path);
  const summary = inspectOnnx(bytes);
  const text = summary.metadata[METADATA_KEYS.spec];
  const spec = text === undefined ? null : parseSpec(text);
  const { metadata, ...rest } = summary;
  const others = Object.keys(metadata).filter((key) => key !== METADATA_KEYS.spec);
  return {
    kind: 'model',
    models: async () => new Map([[basename(path), bytes]]),
    value: { ...rest, metadata: { ...metadata, ...(spec !== null && { [METADATA_KEYS.spec]: spec }) } },
    facts: {
      ...onnxFacts(summary),
      precision: metadata[METADATA_KEYS.precision],
      metadata: others.join(', '),
      ...(spec === null
        ? { spec: 'none: not a bundle of cochlea, a detector refuses it' }
        : { ...specFacts(spec), bundle: bundleText(spec, metadata) }),
    },
  };
}

/** Where the file belongs to a longer chain, takes what other files give, or has all of it inside. */
function bundleText(spec: Spec, metadata: OnnxSummary['metadata']): string {
  const { [METADATA_KEYS.frontEnd]: frontEnd, [METADATA_KEYS.bundleHash]: bundleHash = spec.hash } = metadata;
  if (frontEnd !== undefined) {
    return `all stages inside${frontEnd === 'inside' ? ', front-end too' : ''}: for runtimes other than a detector`;
  }
  const before = modelNames(spec).slice(0, -1);
  const chain = bundleHash === spec.hash ? '' : `the beginning of the chain with spec ${bundleHash}`;
  const needs = before.length === 0 ? '' : `needs ${before.join(', ')} beside it`;
  return [chain, needs].filter(Boolean).join('; ');
}

export async function inspectBundle(folder: string): Promise<Inspection> {
  const { spec, models, card } = await readBundle(folder);
  const summaries = [...models].map(([name, bytes]) => ({ name, ...inspectOnnx(bytes) }));
  const described = summaries.map(({ metadata: _, ...model }) => model);
  const facts = summaries.map(({ name, ...summary }) => [name, Object.values(onnxFacts(summary)).join('; ')] as const);
  return {
    kind: 'bundle',
    models: async () => models,
    value: { hash: spec.hash, spec, models: described, card },
    facts: {
      models: modelNames(spec).join(', '),
      ...Object.fromEntries(facts),
      ...specFacts(spec),
      card: cardText(card),
    },
  };
}

function onnxFacts({ inputs, outputs, opset, producer, ops, nNodes, nParameters, bytes }: OnnxSummary): Facts {
  const operators = Object.entries(ops).map(([op, n]) => (n === 1 ? op : `${n} ${op}`));
  return {
    inputs: inputs.map(valueText).join(', '),
    outputs: outputs.map(valueText).join(', '),
    operators: `${formatCount(nNodes, 'node')}: ${operators.join(', ')}`,
    parameters: `${formatCount(nParameters, 'parameter')}, ${formatBytes(bytes)}`,
    opset: `opset ${opset}, by ${producer.name} ${producer.version}`.trimEnd(),
  };
}

function valueText({ name, type, shape }: OnnxSummaryValue): string {
  return `${name} ${type} [${shape.join(', ')}]`;
}

function cardText(card: Readonly<Record<string, unknown>>): string {
  return Object.keys(card).join(', ');
}
