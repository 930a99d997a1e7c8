/**
 * Every file of a folder in onnxruntime-web (wasm). Usage: check-web.mjs <folder> <where onnxruntime-web is installed>
 * Beside each <name>.onnx lies <name>.json with the inputs and expected outputs of one run. Prints one JSON object; exits 1
 * where a file is refused or a difference, told in tolerances of its run, is above 1.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, home] = process.argv.slice(2);
const require = createRequire(join(home, 'package.json'));
const ort = require('onnxruntime-web');
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

function array({ data, isInteger = false }) {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  const floats = new Float32Array(bytes.buffer);
  return isInteger ? Int32Array.from(floats) : floats;
}

/** The largest difference of one file's run, in its tolerances. */
async function check(path) {
  const run = JSON.parse(readFileSync(path.replace(/onnx$/, 'json'), 'utf8'));
  const session = await ort.InferenceSession.create(readFileSync(path), { executionProviders: ['wasm'] });
  const feeds = session.inputNames.map((name, i) => {
    const value = run.inputs[i];
    return [name, new ort.Tensor(value.isInteger ? 'int32' : 'float32', array(value), value.shape)];
  });
  const made = await session.run(Object.fromEntries(feeds));
  let largest = 0;
  for (const [i, expected] of run.outputs.entries()) {
    const { data, dims } = made[session.outputNames[i]];
    if (dims.join() !== expected.shape.join()) throw new Error(`shape ${dims} instead of ${expected.shape}`);
    array(expected).forEach((value, at) => {
      const difference = Math.abs(value - data[at]);
      if (!(difference <= largest)) largest = difference;
    });
  }
  await session.release();
  if (!(largest <= run.tolerance)) throw new Error(`${run.title}: ${largest} from what was expected`);
  return largest / run.tolerance;
}

const paths = readdirSync(folder).filter((name) => name.endsWith('.onnx'));
const refused = [];
let largest = 0;
for (const name of paths.sort()) {
  try {
    largest = Math.max(largest, await check(join(folder, name)));
  } catch (error) {
    refused.push(`${name}: ${String(error).slice(0, 300)}`);
  }
}
const manifest = join(home, 'node_modules/onnxruntime-web/package.json');
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
process.stdout.write(`${JSON.stringify({ files: paths.length, largest, refused, version })}\n`);
process.exit(refused.length > 0 || paths.length === 0 ? 1 : 0);
