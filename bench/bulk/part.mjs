/** A part of a corpus in a process of its own: `node part.mjs <JSON of PartOfCorpus>`. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('write-part.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
  root: process.cwd(),
});
module.writePart(JSON.parse(process.argv[2]));
