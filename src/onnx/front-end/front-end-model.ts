/** The front-end as a model of its own. */
import { type FeatureConfig, frameWidth } from '../../spec/index.js';
import { OnnxBuilder } from '../builder.js';
import { checkedOpset } from '../opsets.js';
import { producer } from '../producer.js';
import { encodeModel } from '../proto.js';
import { pruned } from '../prune.js';
import { WholeNumbers } from './whole.js';
import { writeFrontEnd } from './write-front-end.js';

export interface FrontEndOptions {
  /** Version of ONNX's operator set, 13 to 26. Default 17. */
  readonly opset?: number;
  /** Written to `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Features alone as an ONNX model: `pcm` `[batch, samples]`, float32 in [-1, 1) at the config's rate, to `features`
 * `[batch, frame, feature]`, with no frame for recordings that are too short; frame t lies where `frameTimeSec` of the
 * config's features says.
 *
 * @returns the same bytes for the same config and options
 * @throws ExportError `ERR_EXPORT` naming an option without an ONNX form; ParameterError `ERR_OPTION` for another opset
 */
export function frontEndToOnnx(config: FeatureConfig, options: FrontEndOptions = {}): Uint8Array {
  const { metadata = {} } = options;
  const opset = checkedOpset(options.opset);
  const builder = new OnnxBuilder(opset);
  const { name, nFrames } = writeFrontEnd(builder, config, 'pcm');
  const whole = new WholeNumbers(builder, 'front_end/length');
  const counted = [name, builder.int64([0]), whole.name(nFrames), builder.int64([1])];
  builder.op('Slice', 'features', counted, { output: 'features' });
  const graph = {
    name: 'front_end',
    inputs: [{ name: 'pcm', type: 'float32', shape: ['batch', 'samples'] }] as const,
    outputs: [{ name: 'features', type: 'float32', shape: ['batch', 'frame', frameWidth(config)] }] as const,
    nodes: builder.nodes,
    constants: builder.constants,
  };
  return encodeModel({ graph: pruned(graph), opset, producer: producer(), metadata });
}
