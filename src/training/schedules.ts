/** Learning rates that change from step to step, by their Keras names. */
import { mustBe, type OptionKeys, ParameterError, refuseUnknown } from '../errors.js';
import { checkNumber } from './check-number.js';

/**
 * Keras's `CosineDecay`: step k of `decaySteps` takes `initial · ((1 − alpha) · (1 + cos(πk / decaySteps)) / 2 + alpha)`,
 * later steps `initial · alpha` (Loshchilov and Hutter 2017, without restarts).
 */
export interface CosineDecay {
  readonly schedule: 'cosineDecay';
  readonly initial: number;
  readonly decaySteps: number;
  /** What is left at the end, as a part of `initial`. Default 0. */
  readonly alpha?: number | undefined;
}

/** Keras's `ExponentialDecay`: step k takes `initial · decayRate^(k / decaySteps)`, however long training lasts. */
export interface ExponentialDecay {
  readonly schedule: 'exponentialDecay';
  readonly initial: number;
  readonly decaySteps: number;
  /** What is left after `decaySteps`, as a part of what was there before them; below 1. */
  readonly decayRate: number;
  /** Whether the rate stays for `decaySteps` and then falls at once. Default false. */
  readonly staircase?: boolean | undefined;
}

export type LearningRateSchedule = CosineDecay | ExponentialDecay;

/** What `schedule` may be. */
export const SCHEDULES = ['cosineDecay', 'exponentialDecay'] as const satisfies LearningRateSchedule['schedule'][];

const COSINE_KEYS: OptionKeys<CosineDecay> = { schedule: true, initial: true, decaySteps: true, alpha: true };
const EXPONENTIAL_KEYS: OptionKeys<ExponentialDecay> = {
  schedule: true,
  initial: true,
  decaySteps: true,
  decayRate: true,
  staircase: true,
};

/** @throws ParameterError `ERR_OPTION` naming the number that is out of range, `ERR_UNKNOWN_OPTION` */
export function checkSchedule(name: string, given: LearningRateSchedule): void {
  const schedule: unknown = given?.schedule;
  if (!SCHEDULES.some((known) => known === schedule)) {
    throw new ParameterError('ERR_OPTION', mustBe(`${name}.schedule`, SCHEDULES.join(' | '), schedule));
  }
  refuseUnknown(given, given.schedule === 'cosineDecay' ? COSINE_KEYS : EXPONENTIAL_KEYS, name);
  checkNumber(`${name}.initial`, given.initial, 'positive');
  checkNumber(`${name}.decaySteps`, given.decaySteps, 'positive');
  if (given.schedule === 'cosineDecay') checkNumber(`${name}.alpha`, given.alpha ?? 0, 'fraction');
  else checkNumber(`${name}.decayRate`, given.decayRate, 'factor');
}

/** The learning rate of a step, counted from 0. */
export function learningRateAt(step: number, rule: number | LearningRateSchedule): number {
  if (typeof rule === 'number') return rule;
  if (rule.schedule === 'cosineDecay') return cosineRate(step, rule);
  const decays = step / rule.decaySteps;
  return rule.initial * rule.decayRate ** (rule.staircase === true ? Math.floor(decays) : decays);
}

function cosineRate(step: number, { initial, decaySteps, alpha = 0 }: CosineDecay): number {
  const cosine = (1 + Math.cos((Math.PI * Math.min(step, decaySteps)) / decaySteps)) / 2;
  return initial * ((1 - alpha) * cosine + alpha);
}
