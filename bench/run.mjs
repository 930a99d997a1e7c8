#!/usr/bin/env node
/**
 * `npm run bench -- [suite] [options of the suite]`: runs bench/<suite>.ts (default: features) as it stands. Vite's
 * module runner strips the types, so the code measured is the source and imports resolve from its own folder.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [first] = process.argv.slice(2);
const named = first !== undefined && !first.startsWith('-');
const suite = named ? first : 'features';
if (named) process.argv.splice(2, 1);

const path = fileURLToPath(new URL(`${suite}.ts`, import.meta.url));
if (!existsSync(path)) {
  process.stderr.write(`suite must be a file bench/<suite>.ts, got ${JSON.stringify(suite)}\n`);
  process.exit(2);
}
await runnerImport(path, { configFile: false, logLevel: 'error', root: fileURLToPath(new URL('..', import.meta.url)) });
