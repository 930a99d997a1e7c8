import { describe, expect, it } from 'vitest';
import { ParameterError } from '../../src/errors.js';
import { arrayIndex, type Environment, partIndex } from '../../src/extract/array-index.js';

/** What Slurm sets in an element. */
function slurm(id: number, { min = 0, max = 7, step = 1, count = 8 } = {}): Environment {
  return {
    SLURM_ARRAY_JOB_ID: '41',
    SLURM_ARRAY_TASK_ID: String(id),
    SLURM_ARRAY_TASK_MIN: String(min),
    SLURM_ARRAY_TASK_MAX: String(max),
    SLURM_ARRAY_TASK_STEP: String(step),
    SLURM_ARRAY_TASK_COUNT: String(count),
  };
}

function refusal(run: () => unknown): string {
  let thrown: unknown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ParameterError);
  expect(thrown).toMatchObject({ code: 'ERR_OPTION' });
  return thrown instanceof Error ? thrown.message : '';
}

describe('arrayIndex', () => {
  it.each([
    ['an element of a Slurm array', slurm(5), { index: 5, from: 'slurm', count: 8 }],
    // What Slurm 22.05 sets for `sbatch --array=3`, `--array=3,5,6%1` and `--array=1-7:2`: see slurm.test.ts.
    ['one that is retried alone', slurm(3, { min: 3, max: 3, count: 1 }), { index: 3, from: 'slurm', count: 1 }],
    ['one of a list', slurm(5, { min: 3, max: 6, count: 3 }), { index: 5, from: 'slurm', count: 3 }],
    ['one of an array with steps', slurm(7, { min: 1, step: 2, count: 4 }), { index: 7, from: 'slurm', count: 4 }],
    ['a pod of an indexed Job', { JOB_COMPLETION_INDEX: '0' }, { index: 0, from: 'kubernetes' }],
    [
      'a child of an AWS Batch array',
      { AWS_BATCH_JOB_ARRAY_INDEX: '11', AWS_BATCH_JOB_ARRAY_SIZE: '12' },
      { index: 11, from: 'aws-batch', count: 12 },
    ],
  ])('%s', (_, env, expected) => {
    expect(arrayIndex(env)).toEqual(expected);
  });

  it('names the variables where none is set', () => {
    const message =
      'shard must be a number, or auto where one of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX is set, got "auto"';
    expect(refusal(() => arrayIndex({ SLURM_JOB_ID: '41', PATH: '/bin' }))).toBe(message);
    expect(refusal(() => arrayIndex({ JOB_COMPLETION_INDEX: '' }))).toBe(message);
  });

  it('refuses those of several engines, with what they say', () => {
    const message = refusal(() => arrayIndex({ ...slurm(2), JOB_COMPLETION_INDEX: '0' }));
    expect(message).toContain('got "SLURM_ARRAY_TASK_ID=2 and JOB_COMPLETION_INDEX=0"');
  });

  it.each(['x', '-1', '1.5', '1e2', ' 3', '0x2', '99999999999999999999'])('refuses the index %j', (value) => {
    expect(refusal(() => arrayIndex({ JOB_COMPLETION_INDEX: value }))).toBe(
      `JOB_COMPLETION_INDEX must be a whole number >= 0, got ${JSON.stringify(value)}`,
    );
  });

  it('refuses a count that is none', () => {
    const env = { AWS_BATCH_JOB_ARRAY_INDEX: '1', AWS_BATCH_JOB_ARRAY_SIZE: 'many' };
    expect(refusal(() => arrayIndex(env))).toContain('AWS_BATCH_JOB_ARRAY_SIZE must be a whole number >= 0');
  });
});

describe('partIndex', () => {
  it('is the number that is given, whatever the environment says', () => {
    for (const text of ['0', '3', '7', '007']) expect(partIndex(text, 8, slurm(1))).toBe(Number(text));
  });

  it('gives the elements of an array one part each', () => {
    const parts = Array.from({ length: 8 }, (_, id) => partIndex('auto', 8, slurm(id)));
    expect(parts).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('gives an element the same part when it is retried alone, or with some others', () => {
    const whole = partIndex('auto', 8, slurm(3));
    expect(partIndex('auto', 8, slurm(3, { min: 3, max: 3, count: 1 }))).toBe(whole);
    expect(partIndex('auto', 8, slurm(3, { min: 1, max: 6, count: 3 }))).toBe(whole);
    expect(partIndex('3', 8, {})).toBe(whole);
  });

  it('refuses an element that the plan has no part for, and says how the array is written', () => {
    expect(refusal(() => partIndex('auto', 8, slurm(8, { min: 1, max: 8 })))).toBe(
      'SLURM_ARRAY_TASK_ID must be a whole number from 0 to 7, the parts of the plan (--array=0-7 makes an array over all of them), got "8"',
    );
    expect(refusal(() => partIndex('auto', 3, { JOB_COMPLETION_INDEX: '3' }))).toContain('(completions: 3 makes');
    const aws = { AWS_BATCH_JOB_ARRAY_INDEX: '4', AWS_BATCH_JOB_ARRAY_SIZE: '5' };
    expect(refusal(() => partIndex('auto', 4, aws))).toContain('(--array-properties size=4 makes');
    expect(refusal(() => partIndex('auto', 1, { JOB_COMPLETION_INDEX: '1' }))).toContain('0, the only part');
  });

  it.each(['8', '-1', '', 'AUTO', '1-2', '2.0', 'all'])('refuses %j', (text) => {
    expect(refusal(() => partIndex(text, 8, slurm(1)))).toBe(
      `shard must be auto or a whole number from 0 to 7, the parts of the plan, got ${JSON.stringify(text)}`,
    );
  });
});
