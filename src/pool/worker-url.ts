import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mustBe, PoolError } from '../errors.js';
import { PACKAGE_ROOT } from '../packages.js';

/**
 * Where a compiled worker lies. Node.js runs workers as plain JavaScript, so it is a file of `dist/`, whoever asks: code in
 * `dist/`, in a bundle, or in `src/` (vitest transforms modules, but not the files that workers load).
 *
 * @param name below `dist/`, e.g. `extract/extract.worker.js`
 * @throws PoolError `ERR_WORKER_DIED` when the file is not there
 */
export function workerUrl(name: string): URL {
  const worker = join(PACKAGE_ROOT, 'dist', name);
  if (existsSync(worker)) return pathToFileURL(worker);
  const message = `${mustBe('worker', 'a compiled file (npm run build makes it)', worker)}, which does not exist`;
  throw new PoolError('ERR_WORKER_DIED', message, { worker });
}
