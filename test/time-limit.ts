import { env } from 'node:process';

/** The reference table computes one number at a time, through a call for each fused multiplication. */
const PATIENCE = env.COCHLEA_KERNELS === 'scalar' ? 10 : 1;

/** How long something may hang before a test gives it up, in ms: nothing that a test measures. */
export function timeLimit(ms: number): number {
  return PATIENCE * ms;
}
