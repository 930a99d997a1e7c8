/** What computes the steps of a run, whatever the engine. */
import type { BatchArrays, InputArrays } from './data.js';
import type { Origin } from './divergence.js';

export interface BatchResult {
  /** Mean over the batch. */
  readonly loss: number;
  /** Part of the batch that is right; NaN where the loss has no such thing. */
  readonly accuracy: number;
}

export interface Program {
  /**
   * Forward, backward, update.
   * @throws ModelError `ERR_DIVERGED` where the loss is not a number; the weights are then those before the step
   */
  train(batch: BatchArrays, learningRate: number): BatchResult;
  /** The layer whose result first was no number in the step that `train` threw for; null where all are. */
  origin(batch: BatchArrays): Origin | null;
  /** Loss and accuracy of a batch without training, class weights or regularisers. */
  judge(batch: BatchArrays): BatchResult;
  /** Each output of the model, `[window, …]`, without training. */
  predict(batch: InputArrays): Float32Array[];
  /** All that its next step depends on: weights, what the optimiser remembers. Null where the engine does not tell. */
  state(): Float32Array | null;
  /** Goes on from the `state()` of another program of the same model, taken after `steps` steps. */
  goOnFrom(state: Float32Array, steps: number): void;
  /** Writes what was learnt into the tfjs model, where it is not there anyway. */
  writeBack(): void;
  /** Leaves the model as any other code expects it. */
  dispose(): void;
}
