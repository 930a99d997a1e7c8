import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
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

/**
 * Writes pictures that are drawn already.
 * @param of what they show
 * @param out a folder; `true` is one beside the working directory's other files, named for what they show
 * @returns the paths that were written
 */
export async function writePictures(
  pictures: ReadonlyMap<string, string | Uint8Array>,
  of: string,
  out: string | true,
): Promise<string[]> {
  if (out !== true && out.endsWith(SVG)) {
    const expected = `a folder, as there are ${pictures.size} pictures`;
    throw new ParameterError('ERR_OPTION', mustBe('--plot', expected, out));
  }
  const folder = out === true ? `${basename(resolve(of))}-plots` : out;
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const [name, content] of pictures) {
    paths.push(join(folder, name));
    await replaceFile(join(folder, name), content);
  }
  return paths;
}
