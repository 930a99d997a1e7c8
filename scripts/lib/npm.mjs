/** The npm that started this process, or the one on the PATH. */
import { basename } from 'node:path';

/** @returns {{ program: string, first: string[] }} what to run, and what stands before npm's own arguments */
export function npmCommand() {
  const npm = process.env.npm_execpath;
  if (npm !== undefined && basename(npm) === 'npm-cli.js') return { program: process.execPath, first: [npm] };
  return { program: 'npm', first: [] };
}
