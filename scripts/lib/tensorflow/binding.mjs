/** tfjs-node's binding, compiled against the libraries in `deps` by the node-gyp that npm carries. */
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npmCommand } from '../npm.mjs';
import { compiler } from '../requirements.mjs';
import { capture, SetupError } from '../run.mjs';
import { ROOT, readStamp, writeStamp } from '../tree.mjs';
import { librariesFrom } from './libraries.mjs';

/** Of Node-API: Node.js 20 has 9, and the package offers up to 8. */
const NAPI_VERSION = 8;
const OPTIONS_HEADER = 'context_options.h';
const OPTIONS_SOURCE = join(ROOT, 'native', 'tensorflow', OPTIONS_HEADER);
const LINES_OF_A_FAILURE = 30;

/** @typedef {import('./project.mjs').Project} Project */

/** @returns {import('../requirements.mjs').Finding[]} what node-gyp needs */
export function inspectTools() {
  const tool = (/** @type {string} */ key, /** @type {string} */ name, /** @type {string} */ program) => {
    const { ok, output } = capture(program, ['--version']);
    return { key, name, found: output.split('\n', 1)[0] ?? '', problem: ok ? null : `${program} is not on the PATH` };
  };
  return [compiler(), tool('make', 'make', 'make'), tool('python', 'Python (for node-gyp)', 'python3')];
}

/** @param {Project} project @returns {string | null} why it must be built, or null */
export function bindingDrift(project) {
  const { binding, stamp } = paths(project);
  if (!existsSync(binding)) return 'it is not built';
  return readStamp(stamp) === builtFrom(project) ? null : 'its libraries have changed';
}

/** @param {Project} project @throws {SetupError} */
export function buildBinding(project) {
  const { folder, stamp } = paths(project);
  copyFileSync(OPTIONS_SOURCE, join(project.package, 'deps', 'include', OPTIONS_HEADER));
  const variables = { module_name: 'tfjs_binding', module_path: folder, napi_build_version: NAPI_VERSION };
  const flags = Object.entries({ ...variables, napi_version: NAPI_VERSION }).map(
    ([name, value]) => `--${name}=${value}`,
  );
  const headers = nodeHeaders();
  if (headers !== null) flags.push(`--nodedir=${headers}`);
  const env = { ...process.env, CXXFLAGS: `${process.env.CXXFLAGS ?? ''} -include ${OPTIONS_HEADER}` };
  const built = capture(process.execPath, [nodeGyp(project), 'rebuild', ...flags], { cwd: project.package, env });
  if (!built.ok) {
    const end = built.output.split('\n').slice(-LINES_OF_A_FAILURE).join('\n');
    const download = headers === null ? " (Node.js's headers are not installed, so it downloads them)" : '';
    throw new SetupError(
      `${end}\nnode-gyp could not build the binding of ${project.name}${download}; its last lines are above`,
    );
  }
  rmSync(join(project.package, 'build'), { recursive: true, force: true });
  writeStamp(stamp, builtFrom(project));
}

/** @param {Project} project */
function paths(project) {
  const folder = join(project.package, 'lib', `napi-v${NAPI_VERSION}`);
  return { folder, binding: join(folder, 'tfjs_binding.node'), stamp: join(folder, 'cochlea.txt') };
}

/** @param {Project} project */
function builtFrom(project) {
  return `${librariesFrom(project)}\n${readFileSync(OPTIONS_SOURCE, 'utf8')}`;
}

/** @returns {string | null} the folder below which this Node.js has `include/node`, with what node-gyp reads there */
function nodeHeaders() {
  const folder = dirname(dirname(process.execPath));
  const needed = ['node_api.h', 'common.gypi'];
  return needed.every((file) => existsSync(join(folder, 'include', 'node', file))) ? folder : null;
}

/** npm tells what it runs where it runs it. @param {Project} project */
function nodeGyp({ folder }) {
  const { program, first } = npmCommand();
  const asked = ['exec', '--call', 'node --print process.env.npm_config_node_gyp'];
  const { output } = capture(program, [...first, ...asked], { cwd: folder });
  const path = output.split('\n').find((line) => existsSync(line)); // beside npm's warnings
  if (path !== undefined) return path;
  throw new SetupError(`npm must carry node-gyp, got ${JSON.stringify(output)}`);
}
