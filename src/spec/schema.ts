/** The shape of a spec as people write it (zod). Each rule's message is the `<expected>` of `<name> must be <expected>`. */
import { z } from 'zod';

const finite = (expected: string) => z.number({ error: expected });
const positive = finite('a positive number').refine((value) => value > 0, { error: 'a positive number' });
const notNegative = finite('a number >= 0').refine((value) => value >= 0, { error: 'a number >= 0' });
const count = z.int({ error: 'a positive whole number' }).min(1, { error: 'a positive whole number' });
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: values.map((value) => JSON.stringify(value)).join(' or ') });
const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected });
const numbers = z.array(finite('a finite number'), { error: 'an array of numbers' }).min(1, {
  error: 'an array of at least one number',
});

const normalize = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({
      kind: z.literal('standard'),
      mean: numbers,
      std: numbers.refine((values) => values.every((value) => value > 0), { error: 'an array of positive numbers' }),
    }),
  ],
  { error: 'an object with kind "none" or "standard"' },
);

const windowing = z.strictObject(
  {
    size: count,
    stride: count.default(1),
    tail: oneOf(['drop', 'pad', 'partial']).default('drop'),
    padValue: finite('a finite number').default(0),
  },
  { error: 'an object with size and stride' },
);

export const decisionSchema = z.strictObject(
  {
    threshold: finite('a finite number'),
    chosenBy: z.string({ error: 'a text' }).default(''),
    minDurationMs: notNegative.default(0),
    mergeGapMs: notNegative.default(0),
    onset: oneOf(['window', 'active']).default('window'),
    activeThreshold: finite('a finite number').default(0.5),
  },
  { error: 'an object with a threshold, or null' },
);

const labels = z.array(text('a text that is not empty'), { error: 'an array of texts' });

/** `labels`, `positive` and `decision` are of a model that is not the last one: what its file says when it is used alone. */
const windowStage = z.strictObject({
  windowing,
  normalize: normalize.optional(),
  model: text('the name of a model file').optional(),
  labels: labels.readonly().optional(),
  positive: text('one of the labels').optional(),
  decision: decisionSchema.readonly().optional(),
});
const binarizeStage = z.strictObject({ binarize: finite('a finite number') });
const decimateStage = z.strictObject({ decimate: count });

/** Stages are told apart by the key that names what they do, so that a message points into the right one. */
export const STAGE_SCHEMAS = { windowing: windowStage, binarize: binarizeStage, decimate: decimateStage };

const CHANNEL = 'a channel number >= 0, "mean" or "all"';

export const specSchema = z.strictObject(
  {
    cochlea: z.literal(1, { error: '1, the version of the schema' }).default(1),
    task: oneOf(['classify', 'detect', 'anomaly', 'boundary', 'sequence']),
    audio: z.strictObject(
      {
        sampleRate: positive,
        channel: z
          .union([z.literal('mean'), z.literal('all'), z.int().min(0, { error: CHANNEL })], { error: CHANNEL })
          .default(0),
        normalize: oneOf(['none', 'peak']).default('none'),
      },
      { error: 'an object with a sampleRate' },
    ),
    features: z.record(z.string(), z.unknown(), { error: 'an object of feature options' }),
    stages: z
      .array(z.record(z.string(), z.unknown(), { error: 'an object' }), { error: 'an array of stages' })
      .default([]),
    aggregate: oneOf(['none', 'mean', 'max']).default('none'),
    labels: labels.default([]),
    positive: text('one of the labels, or null').nullable().default(null),
    decision: decisionSchema.nullable().default(null),
  },
  { error: 'an object' },
);

export type Windowing = Readonly<z.infer<typeof windowing>>;
export type Normalize = Readonly<z.infer<typeof normalize>>;
export type Decision = Readonly<z.infer<typeof decisionSchema>>;
export type WindowStage = Readonly<z.infer<typeof windowStage>>;
export type BinarizeStage = Readonly<z.infer<typeof binarizeStage>>;
export type DecimateStage = Readonly<z.infer<typeof decimateStage>>;
export type Stage = WindowStage | BinarizeStage | DecimateStage;
export type StageInput = z.input<typeof windowStage> | z.input<typeof binarizeStage> | z.input<typeof decimateStage>;
export type SpecInputFields = z.input<typeof specSchema>;
export type SpecFields = z.output<typeof specSchema>;
