import type { serialization } from '@tensorflow/tfjs';
import { type Layer, loadTf, type Tensor } from './tf.js';

interface SeededDropoutOptions {
  readonly name: string;
  readonly rate: number;
  readonly seed: number;
}

/** Far enough apart that the masks of neighbouring seeds do not repeat each other within a training. */
const SEED_STRIDE = 1_000_003;

/**
 * Dropout whose masks follow from a seed and the number of calls so far: two trainings draw the same masks.
 * tfjs's own layer either draws new masks from `Math.random`, or with a seed repeats one mask at every step.
 * It is serialised as tfjs's `Dropout`, with the same options.
 */
export function seededDropout(options: SeededDropoutOptions): Layer {
  const tf = loadTf();
  class SeededDropout extends tf.layers.Layer {
    static className = 'Dropout';
    #calls = 0;

    override computeOutputShape(inputShape: number[]): number[] {
      return inputShape;
    }

    override call(inputs: Tensor | Tensor[], kwargs: { training?: boolean }): Tensor {
      const input = Array.isArray(inputs) ? inputs[0]! : inputs;
      if (kwargs.training !== true || options.rate === 0) return input;
      this.#calls += 1;
      return tf.dropout(input, options.rate, undefined, options.seed * SEED_STRIDE + this.#calls);
    }

    override getConfig(): serialization.ConfigDict {
      return { ...super.getConfig(), rate: options.rate };
    }
  }
  return new SeededDropout({ name: options.name });
}
