import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mustBe, PoolError } from '../errors.js';

/**
 * Where the compiled worker beside a module lies. This is the one place that knows how workers are found:
 *
 * - Node runs workers as plain JavaScript, so a worker is always a file of `dist/`, made by `npm run build`.
 * - Code that runs from `dist/` finds it beside itself. Code that runs from `src/` (vitest transforms modules, but not the
 *   files that workers load) takes the file of the same name below `dist/`; `npm test` builds `dist/` first.
 *
 * @param name file name of the compiled worker, e.g. `./extract.worker.js`
 * @param from `import.meta.url` of the caller
 * @throws PoolError `ERR_WORKER_DIED` when the file is not there
 */
export function workerUrl(name: string, from: string): URL {
  const beside = new URL(name, from);
  const url = from.endsWith('.ts') ? new URL(beside.href.replace(/\/src\/(?!.*\/src\/)/, '/dist/')) : beside;
  if (existsSync(url)) return url;
  throw new PoolError(
    'ERR_WORKER_DIED',
    `${mustBe('worker', 'a compiled file (npm run build makes it)', fileURLToPath(url))}, which does not exist`,
    { worker: fileURLToPath(url) },
  );
}
