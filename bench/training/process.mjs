/**
 * Contestants of training that Node.js runs, as a child process: `node process.mjs <cochlea|threads|wasm|cpu|tensorflow>`.
 * Vite's module runner strips the types, as for the benches themselves.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { serve } from '../peers/protocol.mjs';

const [part] = process.argv.slice(2);
// Packages print while they load; stdout belongs to the protocol.
console.log = console.info = console.warn = console.error;
const { module } = await runnerImport(fileURLToPath(new URL('rosters.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
  root: process.cwd(),
});
await serve(await module.rosterOf(part));
