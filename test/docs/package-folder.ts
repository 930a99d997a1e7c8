/** An empty folder where `import … from 'cochlea'` finds this package as it is built. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ROOT } from './markdown.js';

/** @returns the folder, removed after the test */
export function packageFolder(): string {
  if (!existsSync(join(ROOT, 'dist', 'index.js'))) throw new Error('dist must be there (npm run build), got none');
  const folder = mkdtempSync(join(tmpdir(), 'cochlea-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'cochlea'));
  for (const scope of ['@tensorflow', '@types']) {
    symlinkSync(join(ROOT, 'node_modules', scope), join(folder, 'node_modules', scope));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }\n');
  return folder;
}
