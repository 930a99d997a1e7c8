import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mustBe, ParameterError } from '../../errors.js';
import { replaceFile } from '../../files/index.js';
import { plotModel } from './plot.js';

const SVG = '.svg';

/**
 * Draws each model.
 * @param out a file for one model, a folder for several; `true` is the working directory
 * @returns the paths that were written, in the models' order
 */
export async function writePlots(models: ReadonlyMap<string, Uint8Array>, out: string | true): Promise<string[]> {
  const isFile = out !== true && out.endsWith(SVG);
  if (isFile && models.size > 1) {
    throw new ParameterError('ERR_OPTION', mustBe('--plot', `a folder, as there are ${models.size} models`, out));
  }
  const paths: string[] = [];
  for (const [name, bytes] of models) {
    const path = isFile ? out : join(out === true ? '.' : out, `${name.replace(/\.onnx$/, '')}${SVG}`);
    const svg = plotModel(bytes, name);
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, svg);
    paths.push(path);
  }
  return paths;
}
