#!/usr/bin/env node
import { runCli } from './program.js';

// Whoever reads may have seen enough (`cochlea detect … | head`); that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

await runCli(process.argv);
