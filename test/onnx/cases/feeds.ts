/** Inputs of the grid's models. */
import * as ort from 'onnxruntime-node';
import { seededUniform } from '../../graph/random.js';
import type { CaseInput } from './case.js';

export interface Feed {
  readonly shape: number[];
  readonly data: Float32Array;
  readonly isInteger: boolean;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Steps of a sequence become gaps: all of the first item of three and more, none of the second, a third of the others. */
function openGaps(
  data: Float32Array,
  [batch = 1, steps = 1]: readonly number[],
  gap: number,
  random: () => number,
): void {
  const width = data.length / (batch * steps);
  for (let step = 0; step < batch * steps; step++) {
    const item = Math.floor(step / steps);
    const draw = random();
    const isGap = batch >= 3 && item < 2 ? item === 0 : draw < 1 / 3;
    if (isGap) data.fill(gap, step * width, (step + 1) * width);
  }
}

/** @param length of open axes */
export function makeFeed(input: CaseInput, isInteger: boolean, batch: number, length: number, seed: number): Feed {
  const random = seededUniform(seed);
  const shape = [batch, ...input.shape.map((dim) => dim ?? length)];
  const { below, gap } = input;
  const draw = below === undefined ? () => 2 * random() - 1 : () => Math.floor(below * random());
  const data = Float32Array.from({ length: sizeOf(shape) }, draw);
  if (gap !== undefined) openGaps(data, shape, gap, random);
  return { shape, data, isInteger };
}

export function ortTensor({ data, shape, isInteger }: Feed): ort.Tensor {
  return isInteger ? new ort.Tensor('int32', Int32Array.from(data), shape) : new ort.Tensor('float32', data, shape);
}
