/** What kind of tree this is, and whether what was made from its files is still up to date. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A clone has the TypeScript sources; the package from the registry has `dist` instead. */
export const isClone = () => existsSync(join(ROOT, 'src', 'index.ts')) || existsSync(join(ROOT, 'tsconfig.json'));

/**
 * One short text that changes when a file below `paths` is added, removed or written.
 * @param {string[]} paths files and folders, from the package's folder
 * @param {string[]} [also] other things that matter, such as a compiler's version
 */
export function fingerprint(paths, also = []) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesBelow(join(ROOT, path))) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.update(also.join('\n')).digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]} in a fixed order
 */
function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path).sort();
  return entries.flatMap((entry) => filesBelow(join(path, entry)));
}

/** @param {string} file */
export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/**
 * @param {string} file
 * @param {string} text
 */
export function writeStamp(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/**
 * Whether `node_modules` holds what `package-lock.json` says, by npm's own record of what it installed.
 * @returns {string | null} what differs, or null
 */
export function lockfileDrift() {
  const installedFile = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return 'node_modules is missing';
  const wanted = packagesIn(join(ROOT, 'package-lock.json'));
  const installed = packagesIn(installedFile);
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const there = installed[path];
    // Optional packages are those of other platforms.
    if (there === undefined && (entry.optional || entry.devOptional)) continue;
    if (there?.version !== entry.version)
      return `${path} must be ${entry.version}, is ${there?.version ?? 'not installed'}`;
  }
  const known = tensorflowPackages(ROOT);
  const extra = Object.keys(installed).find((path) => wanted[path] === undefined && !known.includes(path));
  return extra === undefined ? null : `${extra} is not in package-lock.json`;
}

/**
 * What npm installed in a project, by its own record.
 * @param {string} folder
 * @returns {Record<string, { version?: string }> | null} null where npm did not install it
 */
export function npmRecord(folder) {
  const file = join(folder, 'node_modules', '.package-lock.json');
  return existsSync(file) ? packagesIn(file) : null;
}

const tensorflowRecord = (/** @type {string} */ folder) =>
  join(folder, 'node_modules', '.cache', 'cochlea', 'tensorflow.json');

/**
 * The packages that `cochlea setup tensorflow` brought, which no lock file knows.
 * @param {string} folder
 * @returns {string[]} paths as npm records them
 */
function tensorflowPackages(folder) {
  const text = readStamp(tensorflowRecord(folder));
  return text === null ? [] : JSON.parse(text);
}

/**
 * @param {string} folder
 * @param {string[]} added
 */
export function writeTensorflowPackages(folder, added) {
  const all = new Set([...tensorflowPackages(folder), ...added]);
  writeStamp(tensorflowRecord(folder), JSON.stringify([...all].sort()));
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>}
 */
function packagesIn(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
