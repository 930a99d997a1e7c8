/** The one table layout of a feature shard, for its writer and its reader. */
import { Field, FixedSizeList, Float32, Float64, Int32, List, Schema, Struct, Utf8 } from 'apache-arrow';

const REQUIRED = false;
const NULLABLE = true;

/**
 * One row per recording. `features` comes last, so that everything else can be read without it.
 *
 * @param width numbers per frame
 * @param metadata `cochlea.*` entries that make the file describe itself
 */
export function shardSchema(width: number, metadata: ReadonlyMap<string, string>): Schema {
  return new Schema(
    [
      new Field('id', new Utf8(), REQUIRED),
      new Field('path', new Utf8(), REQUIRED),
      new Field('group', new Utf8(), NULLABLE),
      new Field('label', new Utf8(), NULLABLE),
      new Field('channel', new Int32(), NULLABLE),
      new Field('sample_rate', new Int32(), REQUIRED),
      new Field('start_sec', new Float64(), REQUIRED),
      new Field('duration_sec', new Float64(), REQUIRED),
      new Field('content_hash', new Utf8(), REQUIRED),
      new Field('labels', LABELS, REQUIRED),
      new Field('features', featuresType(width), REQUIRED),
    ],
    new Map(metadata),
  );
}

export const LABEL_FIELDS = [
  new Field('start_sec', new Float64(), REQUIRED),
  new Field('end_sec', new Float64(), REQUIRED),
  new Field('label', new Utf8(), REQUIRED),
];

export const LABELS = new List(new Field('item', new Struct(LABEL_FIELDS), REQUIRED));

/** Frames of a recording: a list of rows of `width` numbers. */
export function featuresType(width: number): List<FixedSizeList<Float32>> {
  return new List(new Field('item', frameType(width), REQUIRED));
}

export function frameType(width: number): FixedSizeList<Float32> {
  return new FixedSizeList(width, new Field('item', new Float32(), REQUIRED));
}

/** Keys of the schema's metadata. */
export const META = {
  spec: 'cochlea.spec',
  specHash: 'cochlea.spec_hash',
  featureHash: 'cochlea.feature_hash',
  version: 'cochlea.version',
  frameShape: 'cochlea.frame_shape',
} as const;
