/** A tfjs model as a plain function of named arrays: what an exported file is compared with. */
import { ModelError, mustBe } from '../errors.js';
import { inputNames, type LayersModel, loadTf, outputNames, type Tensor } from '../model/index.js';
import type { Values } from './data.js';

/** Numbers by the names of inputs or outputs, `[batch, …]`. */
type Arrays = Readonly<
  Record<string, { readonly data: ArrayLike<number | bigint>; readonly shape: readonly number[] }>
>;

/**
 * Computes a model's outputs on tfjs, by the names that an exported file has.
 *
 * @param model not changed; has to live as long as the function
 * @returns a function that throws ModelError `ERR_MODEL` where an input is missing
 * @example await checkModel(exportOnnx(model), { against: predictor(model) })
 */
export function predictor(model: LayersModel): (inputs: Arrays) => Promise<Record<string, Values>> {
  const [inputs, outputs] = [inputNames(model), outputNames(model)];
  return async (given) => {
    const tf = loadTf();
    await tf.ready();
    const tensors = inputs.map((name) => {
      const value = given[name];
      if (value === undefined) {
        const got = Object.keys(given).join(', ') || 'none';
        throw new ModelError('ERR_MODEL', mustBe('inputs', `one for each of ${inputs.join(', ')}`, got));
      }
      return tf.tensor(Float32Array.from(value.data, Number), [...value.shape]);
    });
    try {
      const made = model.predict(tensors.length === 1 ? tensors[0]! : tensors);
      const all = Array.isArray(made) ? made : [made];
      return Object.fromEntries(
        await Promise.all(all.map(async (one, i) => [outputs[i]!, await numbersOf(one)] as const)),
      );
    } finally {
      tf.dispose(tensors);
    }
  };
}

async function numbersOf(tensor: Tensor): Promise<Values> {
  const data = Float32Array.from(await tensor.data());
  const { shape } = tensor;
  tensor.dispose();
  return { data, shape };
}
