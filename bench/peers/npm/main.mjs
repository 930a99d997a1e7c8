/**
 * npm's contestants as a child process: `node main.mjs <folder with node_modules> <samples.f32>`.
 * A package that cannot be loaded is absent by name.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from '../protocol.mjs';
import { essentiaContestants } from './essentia.mjs';
import { fftjsContestants, pffftContestants } from './fft-loops.mjs';
import { meydaContestants } from './meyda.mjs';
import { tfjsContestants } from './tfjs.mjs';
import { transformersContestants } from './transformers.mjs';

const [folder, path] = process.argv.slice(2);
const bytes = readFileSync(path);
const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const require = createRequire(join(folder, 'package.json'));
/** @type {import('./types.mjs').Host} */
const host = {
  samples,
  require,
  /** A file of a package whose `exports` do not name it. */
  load: (file) => import(pathToFileURL(join(folder, 'node_modules', file)).href),
  version: (name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version,
};

const PEERS = {
  'fft.js': fftjsContestants,
  '@echogarden/pffft-wasm': pffftContestants,
  meyda: meydaContestants,
  'essentia.js': essentiaContestants,
  '@huggingface/transformers': transformersContestants,
  '@tensorflow/tfjs-core': tfjsContestants,
};

const roster = { versions: {}, contestants: [], absent: [] };
// Packages print while they load; stdout belongs to the protocol.
console.log = console.info = console.warn = console.error;
for (const [name, contestantsOf] of Object.entries(PEERS)) {
  try {
    roster.versions[name] = host.version(name);
    roster.contestants.push(...(await contestantsOf(host)));
  } catch (error) {
    delete roster.versions[name];
    roster.absent.push({ name, reason: String(error instanceof Error ? error.message : error).split('\n', 1)[0] });
  }
}
await serve(roster);
