/** A model in fewer bits. */
import { METADATA_KEYS } from '../../bundle/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import { encodeModel, type OnnxModel } from '../proto.js';
import { decodeModel } from '../read.js';
import { toFloat16 } from './float16.js';
import { toInt8 } from './int8.js';

export { toFloat16 } from './float16.js';
export { toInt8 } from './int8.js';

export const PRECISIONS = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

const WRITERS: Readonly<Record<Precision, (model: OnnxModel) => OnnxModel>> = {
  float32: (model) => model,
  float16: (model) => toFloat16(model),
  int8: (model) => toInt8(model),
};

/**
 * A model's bytes with weights in another precision, which its metadata then say.
 *
 * @param bytes of a float32 model that `decodeModel` reads; they come back as they are for `'float32'`
 * @throws ParameterError `ERR_OPTION` for an unknown precision, or a model that is in another than float32 already
 * @throws ExportError `ERR_EXPORT` naming a weight that the precision cannot hold
 */
export function writePrecision(bytes: Uint8Array, precision: Precision): Uint8Array {
  if (!PRECISIONS.includes(precision)) {
    throw new ParameterError('ERR_OPTION', mustBe('precision', PRECISIONS.join(' | '), precision));
  }
  if (precision === 'float32') return bytes;
  const model = decodeModel(bytes);
  const { [METADATA_KEYS.precision]: already } = model.metadata;
  if (already !== undefined) {
    throw new ParameterError('ERR_OPTION', mustBe('precision', `${already}, as the model has`, precision));
  }
  const written = WRITERS[precision](model);
  return encodeModel({ ...written, metadata: { ...written.metadata, [METADATA_KEYS.precision]: precision } });
}
