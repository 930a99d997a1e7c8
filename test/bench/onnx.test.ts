/** `npm run bench:onnx`: what it compares can be made, is within its bounds, and can be timed. */
import { describe, expect, it } from 'vitest';
import { precisionContests, precisionModels } from '../../bench/onnx/precision-cases.js';
import { runContest } from '../../src/bench/index.js';

describe('models in fewer bits', () => {
  it('are those of the budgets that there are files of, a convolutional and a wide one', () => {
    expect(precisionModels().map(({ id }) => id)).toEqual(['M1', 'M2', 'M3', 'tone', 'wide']);
  });

  it.each(precisionModels())('$title are smaller, near float32, and can be timed', async (model) => {
    const contests = await precisionContests(model);
    expect(contests.map(({ title }) => title)).toEqual([1, 64].map((batch) => `${model.title}, batch ${batch}`));
    const [first] = contests;
    const { goals, results } = await runContest(first!, { rounds: 1, secondsPerRound: 0.001, clock: 'wall' });
    expect(goals).toHaveLength(4);
    for (const { what, met } of goals) expect({ what, met }).toEqual({ what, met: true });
    expect(results.map(({ contestant }) => contestant)).toEqual(['float32', 'float16', 'int8']);
    for (const { value } of results) expect(value).toBeGreaterThan(0);
  });
});
