/** `inspect --plot`: models as pictures with their shapes. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeBundle } from '../../src/bundle/index.js';
import { plotModel } from '../../src/cli/inspect/plot.js';
import { loadTf, modelToGraph, sequenceLstm, toneCnn } from '../../src/model/index.js';
import { graphToOnnx } from '../../src/onnx/index.js';
import { modelsFor, spec } from '../inference/beeps.js';
import { cochlea, cochleaJson, workFolder } from './cli.js';

const titles = (svg: string) =>
  [...svg.matchAll(/<g transform[^>]*><title>([^<]*)<\/title>/g)].map(([, text]) => text!.split('\n'));

describe('plotModel', () => {
  it('draws a box an input, node and output, with shapes and weights', () => {
    const tf = loadTf();
    const layers = [tf.layers.dense({ name: 'd', units: 4, activation: 'relu', inputShape: [3] })];
    const svg = plotModel(graphToOnnx(modelToGraph(tf.sequential({ layers }))), 'small.onnx');
    const boxes = titles(svg);
    expect(boxes.map(([title]) => title)).toEqual([
      expect.stringMatching(/^input /),
      'Gemm',
      'Relu',
      expect.stringMatching(/^output /),
    ]);
    expect(boxes[0]).toContain('float32 [batch, 3]');
    expect(boxes[1]).toEqual(['Gemm', 'd', 'kernel 3x4', 'bias [0, 0, 0, 0]', 'in   [batch, 3]', 'out  [batch, 4]']);
    expect(boxes[2]).toEqual(expect.arrayContaining(['in   [batch, 4]', 'out  [batch, 4]']));
    expect(svg.match(/class="arrow"/g)).toHaveLength(3);
    expect(svg).not.toContain('?]');
  });

  it.each([
    ['tone network', () => toneCnn({ bins: 601 })],
    ['sequence network', () => sequenceLstm()],
  ])('knows every shape of the %s', (_, build) => {
    const svg = plotModel(graphToOnnx(modelToGraph(build())), 'model');
    expect(titles(svg).length).toBeGreaterThan(8);
    expect(
      titles(svg)
        .flat()
        .filter((line) => line.includes('?')),
    ).toEqual([]);
  });
});

describe('inspect --plot', () => {
  it('writes one file for a model, a folder for a bundle', async () => {
    const cwd = await workFolder();
    await writeBundle(join(cwd, 'bundle'), { spec, models: modelsFor(spec) });
    const [file, folder, wrong, own] = await Promise.all([
      cochleaJson<{ plots: string[] }>(['inspect', 'bundle/tone.onnx', '--plot', 'one.svg'], { cwd }),
      cochleaJson<{ plots: string[] }>(['inspect', 'bundle', '--plot', 'plots'], { cwd }),
      cochlea(['inspect', 'bundle', '--plot', 'both.svg'], { cwd }),
      cochlea(['inspect', 'bundle/sequence.onnx', '--plot'], { cwd }),
    ]);
    expect(file).toMatchObject({ code: 0, value: { kind: 'model', plots: ['one.svg'] } });
    expect(folder.value.plots).toEqual(['plots/tone.svg', 'plots/sequence.svg']);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--plot must be a folder, as there are 2 models'),
    });
    expect(own.code).toBe(0);
    expect((await readdir(cwd)).sort()).toEqual(['bundle', 'one.svg', 'plots', 'sequence.svg']);
    const svg = await readFile(join(cwd, 'one.svg'), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain('ReduceMean');
    expect(await readFile(join(cwd, 'plots/tone.svg'), 'utf8')).toBe(svg);
  });

  it('says that there is nothing to draw', async () => {
    const cwd = await workFolder();
    await writeFile(join(cwd, 'spec.json'), JSON.stringify(spec));
    const outcome = await cochlea(['inspect', 'spec.json', '--plot'], { cwd });
    expect(outcome).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--plot must be for what holds a model'),
    });
  });
});
