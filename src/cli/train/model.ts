/** The model of a training job: an architecture of the recipes by name, or a file that tfjs saved. */
import { type LayersModel, loadModel, sequenceLstm, toneCnn } from '../../model/index.js';
import { defined } from './defined.js';
import type { TrainJob } from './job.js';

/** What windows a model takes; a `FeatureDataset` says it. */
export interface WindowSizes {
  /** In frames. */
  readonly windowing: { readonly size: number };
  /** Numbers in a frame. */
  readonly width: number;
}

/** A fresh model whose sizes are the data's where the job does not say them. */
export async function buildModel({ model, seed }: TrainJob, data: WindowSizes): Promise<LayersModel> {
  if ('path' in model) return loadModel(model.path);
  if (model.name === 'toneCnn') {
    const { name: _, ...options } = defined(model);
    return toneCnn({ bins: data.windowing.size * data.width, seed, ...options });
  }
  const { name: _, ...options } = defined(model);
  return sequenceLstm({ length: data.windowing.size, features: data.width, seed, ...options });
}
