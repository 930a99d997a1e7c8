/** Labels that mean nothing: those of the training part, dealt out anew. */
import type { FeatureDataset, ItemInfo } from '../../dataset/index.js';
import { randomFor } from './corpus/random.js';

/** Changes what the training part of a data set asks a model to learn. */
export type Relabel = (data: FeatureDataset, isTraining: (item: ItemInfo) => boolean) => FeatureDataset;

/** The true labels. */
export const asTheyAre: Relabel = (data) => data;

/**
 * Gives every scored window of the training recordings the target of one of them, drawn without repetition. All other
 * recordings keep their own, so a path by which they reach training stays open to see.
 */
export function shuffledTargets(seed: number): Relabel {
  return (data, isTraining) => {
    const scored: number[] = [];
    for (const item of data.items()) {
      if (isTraining(item)) for (const y of item.targets ?? []) if (!Number.isNaN(y)) scored.push(y);
    }
    const shuffled = randomFor(seed, 'permute-labels').shuffled(scored);
    let next = 0;
    const deal = (y: number) => (Number.isNaN(y) ? y : shuffled[next++]!);
    return data.map((item) => (isTraining(item) ? { ...item, targets: item.targets?.map(deal) } : item));
  };
}
