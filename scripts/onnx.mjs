#!/usr/bin/env node
/**
 * `npm run test:onnx`: the tests of the ONNX writer with the whole grid of models, opsets, batches and lengths; then every
 * file of it through ONNX's checker, shape inference and reference evaluator, onnxruntime in Python (.cache/onnx, from PyPI)
 * and onnxruntime-web (.cache/onnx-web, from npm). Prints the grid's size and the largest differences, and writes them to
 * bench/results/onnx.json. Exits 1 where anything failed, or could not be tried.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveResult } from './lib/results.mjs';
import { ROOT } from './lib/tree.mjs';

const started = performance.now();
const scratch = mkdtempSync(join(tmpdir(), 'cochlea-onnx-'));
const [files, report] = [join(scratch, 'files'), join(scratch, 'report.json')];
const others = join(ROOT, 'test/onnx/others');
const venv = join(ROOT, '.cache/onnx');
const web = join(ROOT, '.cache/onnx-web');

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  if (error) throw error;
  return status === 0;
}

function must(command, args, options) {
  if (!run(command, args, options)) throw new Error(`${command} ${args.join(' ')} failed`);
}

/** What a checker prints, as an object; its refusals are shown at once. */
function checked(name, command, args) {
  const { status, stdout, error } = spawnSync(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (error) throw error;
  const result = JSON.parse(stdout.trim().split('\n').at(-1));
  for (const line of result.refused) process.stdout.write(`${name} refused ${line}\n`);
  return { ...result, passed: status === 0 };
}

/** Python and npm packages of other runtimes, beside the project's own. */
function setUp() {
  const python = join(venv, 'bin/python');
  if (!existsSync(python)) must('python3', ['-m', 'venv', venv]);
  must(python, ['-m', 'pip', 'install', '--quiet', '-r', join(others, 'requirements.txt')]);
  mkdirSync(web, { recursive: true });
  if (!existsSync(join(web, 'package.json'))) writeFileSync(join(web, 'package.json'), '{ "private": true }\n');
  must('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', 'onnxruntime-web@1.30'], {
    cwd: web,
  });
  return python;
}

try {
  const python = setUp();
  const env = {
    ...process.env,
    COCHLEA_CONFORMANCE: 'full',
    COCHLEA_ONNX_FILES: files,
    COCHLEA_CONFORMANCE_REPORT: report,
  };
  const testsPassed = run(join(ROOT, 'node_modules/.bin/vitest'), ['run', 'test/onnx'], { env });
  const inPython = checked('python', python, ['-B', '-W', 'ignore', join(others, 'check_files.py'), files]);
  const inWeb = checked('onnxruntime-web', process.execPath, [join(others, 'check-web.mjs'), files, web]);
  const grid = JSON.parse(readFileSync(report, 'utf8'));
  const passed = testsPassed && inPython.passed && inWeb.passed;
  const frontEnds = readdirSync(files).filter((name) => /^front-end-.*onnx$/.test(name)).length;
  saveResult('onnx', 'onnx', (performance.now() - started) / 1000, {
    passed,
    testsPassed,
    grid,
    frontEnds,
    inPython,
    inWeb,
  });
  const { models, opsets, runs, largest } = grid;
  process.stdout.write(
    [
      `${models} models at opsets ${opsets}, ${runs} runs, and ${frontEnds} front-ends: ${inPython.files} files`,
      `largest difference from tfjs: ${largest.difference.toExponential(1)} (${largest.model})`,
      `onnx ${inPython.versions.onnx}: checker and shape inference accept ${inPython.files - inPython.refused.length} files; reference evaluator on ${inPython.ran.reference}, within ${inPython.largest.reference.toFixed(2)} of the tolerance`,
      `onnxruntime ${inPython.versions.onnxruntime} in Python on ${inPython.ran.onnxruntime}: ${inPython.largest.onnxruntime.toFixed(2)}`,
      `onnxruntime-web ${inWeb.version} on ${inWeb.files - inWeb.refused.length}: ${inWeb.largest.toFixed(2)}`,
      '',
    ].join('\n'),
  );
  process.exitCode = passed ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true });
}
