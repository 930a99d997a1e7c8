/** The file of `cochlea train`: what it may say, checked. */
import { z } from 'zod';
import { mustBe, ParameterError } from '../../errors.js';
import { isTablePath, rowTableSchema, seriesTableSchema } from '../../tables/index.js';
import { ENGINES, isDevice, LOSS_NAMES, MONITORS, OPTIMIZER_NAMES, SCHEDULES } from '../../training/index.js';
import { isObject, parseYamlValue, type Yaml } from '../config-file.js';

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: values.map((value) => JSON.stringify(value)).join(' or ') });
const listed = (values: readonly string[]) => `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected });
const count = z.int({ error: 'a positive whole number' }).min(1, { error: 'a positive whole number' });
const whole = z.int({ error: 'a whole number from 0' }).min(0, { error: 'a whole number from 0' });
const positive = z.number({ error: 'a positive number' }).gt(0, { error: 'a positive number' });
const share = z.number({ error: 'a number from 0 to 1' }).min(0).max(1, { error: 'a number from 0 to 1' });
const fraction = z.number({ error: 'a number in [0, 1)' }).min(0).lt(1, { error: 'a number in [0, 1)' });
const names = z.array(text('a text'), { error: 'a list of texts' });

const windowing = z.strictObject(
  {
    size: count,
    stride: count.optional(),
    tail: oneOf(['drop', 'pad', 'partial']).optional(),
    padValue: z.number({ error: 'a number' }).optional(),
  },
  { error: 'an object with size, stride, tail, padValue' },
);
const featureData = z.strictObject({ features: text('a folder') });
const seriesData = seriesTableSchema.extend({ windowing: windowing.optional() });

type Data = z.input<typeof featureData> | z.input<typeof rowTableSchema> | z.input<typeof seriesData>;

/** Checked, and kept as it was written: defaults belong to whoever reads the data. */
const data = z.unknown().transform((given, context): Data => {
  const value = typeof given !== 'string' ? given : isTablePath(given) ? { table: given } : { features: given };
  if (typeof value !== 'object' || value === null || !('features' in value || 'table' in value)) {
    const message = 'a feature folder, a table in CSV or Parquet, { features } or { table }';
    context.issues.push({ code: 'custom', message, input: given });
    return z.NEVER;
  }
  const isSeries = 'layout' in value && value.layout === 'series';
  const schema = 'features' in value ? featureData : isSeries ? seriesData : rowTableSchema;
  const result = schema.safeParse(value);
  if (result.success) return value as Data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const { code, keys, path, message } = issue;
    context.issues.push({ code, keys, path, message, input: { ...value } });
  } else if (issue !== undefined) {
    context.issues.push({ code: 'custom', path: issue.path, message: issue.message, input: given });
  }
  return z.NEVER;
});

const intervalTarget = z.strictObject({
  label: text('the label of intervals'),
  rule: oneOf(['centre', 'contains']).default('centre'),
  collarMs: z.number({ error: 'a number from 0' }).min(0, { error: 'a number from 0' }).default(0),
});
const target = z.union([oneOf(['label', 'input']), intervalTarget], {
  error: '"label", "input" or { label, rule: centre | contains, collarMs }',
});

const model = z.preprocess(
  (value) => (typeof value === 'string' ? (value.endsWith('.json') ? { path: value } : { name: value }) : value),
  z.union(
    [
      z.strictObject({ path: text('a model.json of tfjs') }),
      z.discriminatedUnion('name', [
        z.strictObject({
          name: z.literal('toneCnn'),
          bins: count.optional(),
          filters: z.array(count).optional(),
          kernelSize: count.optional(),
          pool: count.optional(),
          denseUnits: count.optional(),
          dropout: fraction.optional(),
          denseDropout: fraction.optional(),
          scoreBias: z.number({ error: 'a number' }).optional(),
        }),
        z.strictObject({
          name: z.literal('sequenceLstm'),
          length: count.optional(),
          features: count.optional(),
          units: count.optional(),
          dropout: fraction.optional(),
          recurrentActivation: oneOf(['sigmoid', 'hardSigmoid']).optional(),
        }),
      ]),
    ],
    { error: 'toneCnn or sequenceLstm (with their options beside "name"), or { path } of a tfjs model.json' },
  ),
);

const ratios = z.union([z.tuple([share, share]), z.tuple([share, share, share])], {
  error: 'two or three numbers that add up to 1',
});
const groupBy = oneOf(['group', 'label', 'recording']).optional();
const split = z.discriminatedUnion(
  'by',
  [
    z.strictObject({
      by: z.literal('time'),
      ratios: ratios.optional(),
      cutoff: z.union([count, z.tuple([count]), z.tuple([count, count])]).optional(),
      purge: whole.optional(),
    }),
    z.strictObject({ by: z.literal('group'), ratios, groupBy, seed: whole.optional() }),
    z.strictObject({ by: z.literal('stratified'), ratios, groupBy, seed: whole.optional() }),
    z.strictObject({
      by: z.literal('file-list'),
      files: z.strictObject({ train: names, validation: names.optional(), test: names.optional() }),
    }),
  ],
  { error: 'an object with by: time, group, stratified or file-list' },
);

const optimizerName = oneOf(OPTIMIZER_NAMES);
const factor = z.number().gt(0, { error: 'a number in (0, 1)' }).lt(1, { error: 'a number in (0, 1)' });
const schedule = z.discriminatedUnion(
  'schedule',
  [
    z.strictObject({
      schedule: z.literal('cosineDecay'),
      initial: positive,
      decaySteps: positive,
      alpha: fraction.optional(),
    }),
    z.strictObject({
      schedule: z.literal('exponentialDecay'),
      initial: positive,
      decaySteps: positive,
      decayRate: factor,
      staircase: z.boolean().optional(),
    }),
  ],
  { error: `an object with schedule: ${listed(SCHEDULES)}` },
);
const optimizer = z.union(
  [
    optimizerName,
    z.strictObject({
      name: optimizerName,
      learningRate: z
        .union([positive, schedule], { error: `a positive number, or an object with schedule: ${listed(SCHEDULES)}` })
        .optional(),
      globalClipNorm: positive.optional(),
      beta1: fraction.optional(),
      beta2: fraction.optional(),
      rho: fraction.optional(),
      momentum: fraction.optional(),
      epsilon: positive.optional(),
    }),
  ],
  { error: `${listed(OPTIMIZER_NAMES)}, or an object with that name and its options` },
);

const earlyStopping = z.strictObject(
  {
    monitor: oneOf(MONITORS).optional(),
    patience: count.optional(),
    minDelta: z.number().min(0).optional(),
    restoreBest: z.boolean().optional(),
  },
  { error: 'an object with monitor, patience, minDelta, restoreBest' },
);

const reduceLROnPlateau = z.strictObject(
  {
    monitor: oneOf(MONITORS).optional(),
    factor: factor.optional(),
    patience: count.optional(),
    minDelta: z.number().min(0).optional(),
    cooldown: whole.optional(),
    minLearningRate: z.number().min(0).optional(),
  },
  { error: 'an object with monitor, factor, patience, minDelta, cooldown, minLearningRate' },
);

const gpuMemory = z.strictObject(
  {
    growth: z.boolean({ error: 'true or false' }).optional(),
    fraction: share.optional(),
    limitMb: positive.optional(),
  },
  { error: 'an object with growth, fraction, limitMb' },
);

const jobSchema = z.strictObject({
  data,
  spec: text('a spec file').optional(),
  target: target.default('label'),
  model,
  normalize: oneOf(['none', 'standard']).default('none'),
  split: split.optional(),
  duplicates: oneOf(['refuse', 'allow']).optional(),
  loss: oneOf(LOSS_NAMES).optional(),
  optimizer: optimizer.default('adam'),
  epochs: count.optional(),
  steps: count.optional(),
  batchSize: count.optional(),
  balance: oneOf(['none', 'index']).optional(),
  epochWindows: count.optional(),
  classWeight: z.record(z.string(), z.number().min(0)).optional(),
  earlyStopping: earlyStopping.optional(),
  reduceLROnPlateau: reduceLROnPlateau.optional(),
  maxSeconds: positive.optional(),
  positive: text('the name of the positive class').optional(),
  threshold: z
    .union([z.number(), z.literal('f1')], { error: 'a number, or f1: the best F1 on the validation part' })
    .optional(),
  engine: oneOf(ENGINES).default('auto'),
  device: z.string().refine(isDevice, { error: 'auto, cpu, cuda or cuda:<n>' }).optional(),
  gpuMemory: gpuMemory.optional(),
  threads: count.optional(),
  seed: whole.default(0),
  out: text('a folder').optional(),
});

/** A checked job, defaults filled in. */
export type TrainJob = z.output<typeof jobSchema>;

/** @throws ParameterError `ERR_CONFIG` naming the key's path, what was expected and what stands there */
export function parseJob(given: Yaml, file: string): TrainJob {
  const result = jobSchema.safeParse(given);
  if (result.success) return result.data;
  const issue = deepest(result.error.issues[0]!);
  const path = issue.path.map(String).join('.');
  const where = path === '' ? file : `${path} in ${file}`;
  if (issue.code === 'unrecognized_keys') {
    const known = path === '' ? `one of ${Object.keys(jobSchema.shape).join(', ')}` : 'one that exists';
    throw new ParameterError('ERR_CONFIG', mustBe(`a key of ${where}`, known, issue.keys.join(', ')), { path });
  }
  throw new ParameterError('ERR_CONFIG', mustBe(where, issue.message, valueAt(given, issue.path)), { path });
}

/** Where exactly one branch of a union was meant (it got furthest), its own complaint says more than the union's. */
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.map((branch) => branch[0]).filter((one) => one !== undefined);
  const closer = inner.filter((one) => one.path.length > 0 || one.code === 'unrecognized_keys');
  const [only] = closer;
  if (only === undefined || closer.length > 1) return issue;
  return deepest({ ...only, path: [...issue.path, ...only.path] });
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}

/**
 * `optimizer.learningRate=0.01` into a job; the value is read as YAML.
 * @throws ParameterError `ERR_OPTION`
 */
export async function setValue(job: Yaml, assignment: string): Promise<void> {
  const at = assignment.indexOf('=');
  const keys = assignment.slice(0, Math.max(0, at)).split('.');
  if (at < 0 || keys.includes('')) {
    throw new ParameterError('ERR_OPTION', mustBe('--set', 'key=value or key.inner=value', assignment));
  }
  const last = keys.pop() ?? '';
  let inner = job;
  for (const key of keys) {
    inner[key] ??= {};
    const next = inner[key];
    if (!isObject(next)) {
      throw new ParameterError('ERR_OPTION', mustBe(`${key} for --set ${assignment}`, 'an object', next));
    }
    inner = next;
  }
  inner[last] = await parseYamlValue(assignment.slice(at + 1), `--set ${assignment}`);
}
