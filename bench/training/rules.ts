/** What contestants of training agree on: how they learn, and what they show before they are timed. */

/**
 * Adam as Keras has it by default, but for epsilon: Keras adds it to another quantity than the rest, so that only a small
 * one means the same to all.
 */
export const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-10 } as const;

/**
 * The rate of timed steps, which see one batch again and again: at this rate they do not learn it by heart, so gradients
 * keep their size, and no number becomes too small for the processor's fast path.
 */
export const TIMED_LEARNING_RATE = 1e-7;

/** Losses of so many first steps are compared, without dropout. */
export const CHECK_STEPS = 5;
