#!/usr/bin/env node
/** `node bench/bulk/make.mjs <folder> --hours 100 …`: a corpus for benches and long tests. See make.ts. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
await runnerImport(fileURLToPath(new URL('make.ts', import.meta.url)), { configFile: false, logLevel: 'error', root });
