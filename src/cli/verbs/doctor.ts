import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { toPlainError } from '../../errors.js';
import { packageVersion } from '../../packages.js';
import { action, type CommonOptions, withCommonOptions } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatTable } from '../format.js';

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** A gap here stops the main job; else it only limits what can be done. */
  readonly required: boolean;
  readonly found: string;
  /** One line on how to close the gap. */
  readonly fix: string | null;
}

const LEAST_NODE = 20;

export function doctorCommand(): Command {
  return withCommonOptions(new Command('doctor'))
    .description('says what this machine can do, and how to close each gap')
    .addHelpText('after', '\nExample:\n  cochlea doctor --json')
    .action(
      action<CommonOptions>(async (_, __, context) => {
        const findings = await examine();
        context.print(findings, () =>
          formatTable([
            ['', 'what', 'found', 'how to mend it'],
            ...findings.map(({ ok, required, name, found, fix }) => [
              ok ? 'ok' : required ? 'GAP' : '-',
              name,
              found,
              fix ?? '',
            ]),
          ]),
        );
        return findings.every(({ ok, required }) => ok || !required) ? EXIT.done : EXIT.failed;
      }),
    );
}

async function examine(): Promise<Finding[]> {
  const major = Number(process.versions.node.split('.')[0]);
  return [
    finding('Node.js', major >= LEAST_NODE, process.version, `install Node.js ${LEAST_NODE} or newer`),
    ...(await nativeFindings()),
    packageFinding('onnxruntime-node', true, 'ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node'),
    packageFinding('@tensorflow/tfjs', false, 'npm install @tensorflow/tfjs@4.22 (training)'),
    packageFinding('@tensorflow/tfjs-backend-wasm', false, 'npm install @tensorflow/tfjs-backend-wasm@4.22 (training)'),
    await tensorflowFinding(),
    optional(
      'apt-get (recordings of the recipes)',
      onPath('apt-get'),
      'none needed: the fewer recordings of npm packages are used, and it is said',
    ),
  ];
}

async function nativeFindings(): Promise<Finding[]> {
  const { runtimeInfo } = await import('../../native/index.js');
  try {
    const { version, kernels, threads, devices, libraries } = runtimeInfo();
    const built = Object.entries(libraries).map(([name, text]) => `${name} ${text}`);
    return [
      finding('native addon', true, `${version}, kernels ${kernels.selected}, ${threads} threads`, ''),
      finding('devices', true, devices.join(', '), ''),
      finding('audio libraries', true, built.join(', '), ''),
    ];
  } catch (thrown) {
    const { code, message } = toPlainError(thrown);
    const fix =
      code === 'ERR_KERNELS'
        ? 'unset COCHLEA_KERNELS, or name kernels that this machine has'
        : 'npx cochlea setup (npm run setup in a checkout)';
    return [finding('native addon', false, message, fix)];
  }
}

/** Loaded and tried, in a process of its own: that the package is there says little. */
async function tensorflowFinding(): Promise<Finding> {
  const { tensorflowReport } = await import('../../training/index.js');
  const report = await tensorflowReport();
  const fix = 'npx cochlea setup tensorflow (engine "tensorflow"; --gpu with a GPU)';
  if (report === null) return { name: 'TensorFlow', ok: false, required: false, found: 'absent', fix };
  if (report.failure !== null) {
    const found = `${report.package} does not work: ${report.failure.split('\n', 1)[0]}`;
    return { name: 'TensorFlow', ok: false, required: false, found, fix };
  }
  const { tensorflow, packageVersion: version, usesGpu, gpuLog } = report;
  const gpu = usesGpu ? 'uses a GPU' : `no GPU${gpuLog.length > 0 ? `: ${gpuLog.join(' ')}` : ''}`;
  const found = `${tensorflow} through ${report.package} ${version}, trains, ${gpu}`;
  return { name: 'TensorFlow', ok: true, required: false, found, fix: null };
}

function finding(name: string, ok: boolean, found: string, fix: string): Finding {
  return { name, ok, required: true, found, fix: ok ? null : fix };
}

function optional(name: string, path: string | null, fix: string): Finding {
  return { name, ok: path !== null, required: false, found: path ?? 'absent', fix: path === null ? fix : null };
}

function packageFinding(name: string, required: boolean, fix: string): Finding {
  try {
    return { name, ok: true, required, found: packageVersion(name), fix: null };
  } catch (thrown) {
    const absent = thrown instanceof Error && 'code' in thrown && thrown.code === 'MODULE_NOT_FOUND';
    const found = absent ? 'absent' : (toPlainError(thrown).message.split('\n')[0] ?? '');
    return { name, ok: false, required, found, fix };
  }
}

function onPath(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.map((folder) => `${folder}/${program}`).find((path) => existsSync(path)) ?? null;
}
