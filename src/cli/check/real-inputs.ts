/** Windows of real data, as a model takes them. */
import { FeatureDataset } from '../../dataset/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import type { NamedArrays } from '../../inference/index.js';
import { inspectOnnx } from '../../onnx/index.js';
import type { Spec } from '../../spec/index.js';
import { isTablePath } from '../../tables/index.js';

const BATCH = 64;
/** Windows of a data set that are compared, from its beginning: more say little that these do not. */
const MOST_WINDOWS = 4096;

/**
 * @param path a folder of features, cut and normalised as the model's spec says, or a table with a sequence a row
 * @throws ParameterError `ERR_SHAPE` where a window is not as large as the model's input; DatasetError as their readers
 */
export async function* realInputs(path: string, model: Uint8Array, spec: Spec | null): AsyncGenerator<NamedArrays> {
  const isTable = isTablePath(path);
  const opened = isTable ? await FeatureDataset.from({ table: path }) : await FeatureDataset.open(path);
  const data = spec === null || isTable ? opened : opened.withSpec(spec);
  const { inputs } = inspectOnnx(model);
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) {
    throw new ParameterError('ERR_OPTION', mustBe('--data', 'left out for a model of several inputs', path));
  }
  let read = 0;
  for await (const { x, ids } of data.batches({ batchSize: BATCH, shuffle: false })) {
    const item = itemShape(input.shape, x.length / ids.length, [data.windowing.size, ...data.frameShape]);
    yield { [input.name]: { data: x, shape: [ids.length, ...item] } };
    read += ids.length;
    if (read >= MOST_WINDOWS) return;
  }
}

/** The model's own shape where it is known and as large as a window; else the window's. */
function itemShape(shape: readonly (number | string)[], size: number, window: readonly number[]): readonly number[] {
  const item = shape.slice(1);
  const known = item.filter((length) => typeof length === 'number');
  const isKnown = known.length === item.length;
  if (!isKnown && item.length === window.length) return window;
  if (isKnown && known.reduce((product, length) => product * length, 1) === size) return known;
  const got = `[${window.join(', ')}]`;
  throw new ParameterError(
    'ERR_SHAPE',
    mustBe('a window of --data', `as large as the input [${item.join(', ')}]`, got),
  );
}
