import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cochlea, workFolder } from './cli.js';

const VERBS = ['run', 'extract', 'train', 'evaluate', 'export', 'detect', 'inspect', 'check', 'doctor', 'setup'];
const COMMON = ['--json', '--quiet', '--config', '--help'];

describe('help', () => {
  it('lists every verb, the exit codes and the environment', async () => {
    const { code, stdout } = await cochlea(['--help']);
    expect(code).toBe(0);
    for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
    for (const name of ['COCHLEA_KERNELS', 'COCHLEA_ENGINE', 'COCHLEA_CACHE', 'COCHLEA_LOG', '130 interrupted']) {
      expect(stdout).toContain(name);
    }
  });

  it('of every verb shows an example and the common options', async () => {
    const pages = await Promise.all(VERBS.map((verb) => cochlea([verb, '--help'])));
    pages.forEach(({ code, stdout, stderr }, i) => {
      expect(code).toBe(0);
      expect(stderr).toBe('');
      expect(stdout).toMatch(new RegExp(`Examples?:\\n  (.*\\| )?cochlea ${VERBS[i]}`));
      for (const option of COMMON) expect(stdout).toContain(option);
    });
  });

  it('says the version', async () => {
    const { code, stdout } = await cochlea(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong usage', () => {
  const CASES: readonly (readonly [string, readonly string[], string | RegExp])[] = [
    ['no verb', [], 'Usage: cochlea'],
    ['an unknown verb', ['extact'], "cochlea: unknown command 'extact'\n(Did you mean extract?) [ERR_OPTION]"],
    ['an unknown option', ['extract', 'x', '--strct'], '(Did you mean --strict?) [ERR_UNKNOWN_OPTION]'],
    ['a missing argument', ['detect'], "missing required argument 'recording' [ERR_OPTION]"],
    ['one argument too many', ['inspect', 'a', 'b'], 'too many arguments'],
    ['a missing flag', ['extract', 'x', '--spec', 's'], '--out must be a folder, got "nothing" [ERR_OPTION]'],
    ['no model', ['detect', 'x.wav'], '--model must be a bundle (a folder or an .onnx file), got "nothing"'],
    ['a count of zero', ['extract', 'x', '--workers', '0'], 'It must be a whole number >= 1, got "0"'],
    ['no number', ['evaluate', 'b', 'd', '--collar-ms', 'wide'], 'It must be a number >= 0, got "wide"'],
    ['an unknown choice', ['detect', 'x', '--format', 'xml'], 'Allowed choices are jsonl, audacity, csv.'],
    ['an unknown label rule', ['extract', 'x', '-o', 'y', '--spec', 'none'], '--spec must be a readable file'],
    ['an unknown recipe', ['run', 'cake'], 'recipe must be one of beep-sequence'],
    [
      'two sizes',
      ['run', 'beep-sequence', '--quick', '--size', 'full'],
      "'--quick' cannot be used with option '--size",
    ],
    ['an unknown engine', ['train', 'x.yaml', '--engine', 'gpu'], 'auto, tensorflow, native, wasm, cpu'],
    ['a GPU for the machine', ['setup', '--gpu'], '--gpu must be left out without the argument tensorflow'],
    ['something else to set up', ['setup', 'pytorch'], 'Allowed choices are tensorflow.'],
    [
      'a front-end elsewhere',
      ['export', 'x', '-o', 'y.onnx', '--front-end', 'outside'],
      'Allowed choices are none, inside',
    ],
    ['another precision', ['export', 'x', '-o', 'y.onnx', '--precision', 'float8'], 'float32, float16, int8'],
    ['nothing to export', ['export', 'absent', '-o', 'y.onnx'], 'run must be a folder of a run, or a bundle'],
    ['nothing to inspect', ['inspect', 'absent'], 'what to inspect must be a file or folder that exists, got "absent"'],
    [
      'an assignment without =',
      ['train', '/dev/null', '--set', 'epochs'],
      /\/dev\/null must be a YAML file|--set must be/,
    ],
  ];

  it('exits with 2 and says what was expected', async () => {
    const cwd = await workFolder();
    const outcomes = await Promise.all(CASES.map(([, args]) => cochlea(args, { cwd })));
    CASES.forEach(([name, , expected], i) => {
      const { code, stdout, stderr } = outcomes[i]!;
      expect({ name, code, stdout }).toEqual({ name, code: 2, stdout: '' });
      if (typeof expected === 'string') expect(stderr).toContain(expected);
      else expect(stderr).toMatch(expected);
    });
  });

  it('is told as JSON with --json', async () => {
    const { code, stderr } = await cochlea(['inspect', 'absent', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'ERR_OPTION', message: expect.any(String) } });
  });
});

describe('configuration', () => {
  it('fills in flags from a file, and names what is wrong in it', async () => {
    const cwd = await workFolder();
    await writeFile(join(cwd, 'good.yaml'), 'out: from-file\nspec: absent.json\n');
    await writeFile(join(cwd, 'key.yaml'), 'ouch: 1\n');
    await writeFile(join(cwd, 'value.yaml'), 'workers: many\n');
    await writeFile(join(cwd, 'text.yaml'), 'just text\n');
    const extract = (name: string) => cochlea(['extract', 'x', '--config', name], { cwd });
    const names = ['good.yaml', 'key.yaml', 'value.yaml', 'text.yaml', 'absent.yaml'];
    const [good, key, value, text, absent] = await Promise.all(names.map(extract));
    // The file gave --out and --spec, so the spec is what is missed now.
    expect(good).toMatchObject({ code: 2, stderr: expect.stringContaining('--spec must be a readable file') });
    expect(key).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/a key of key.yaml must be one of .*maxErrors/),
    });
    expect(value).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('workers in value.yaml: It must be a whole'),
    });
    expect(text).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('text.yaml must be a YAML file with an object'),
    });
    expect(absent).toMatchObject({ code: 2, stderr: expect.stringContaining('--config must be a readable file') });
    for (const outcome of [good, key, value, text, absent]) expect(outcome?.stderr).toContain('[ERR_CONFIG]');
  });

  it('gives a value of the job from a file too', async () => {
    const cwd = await workFolder();
    await writeFile(join(cwd, 'job.yaml'), 'data: absent.csv\nmodel: sequenceLstm\n');
    await writeFile(join(cwd, 'set.yaml'), 'set: epoch=2\n');
    const { code, stderr } = await cochlea(['train', 'job.yaml', '--config', 'set.yaml'], { cwd });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a key of job.yaml must be one of'),
    });
  });

  it('lets a flag win over the environment, and that over a file', async () => {
    const cwd = await workFolder();
    // No engine but TensorFlow has a use for CUDA, so the message says which of them was taken.
    await writeFile(join(cwd, 'rows.csv'), '0,1,response\n0,1,0\n1,0,1\n0,1,0\n1,0,1\n');
    await writeFile(
      join(cwd, 'job.yaml'),
      'data: rows.csv\nmodel: sequenceLstm\nepochs: 1\ndevice: cuda\nengine: wasm\n',
    );
    await writeFile(join(cwd, 'flags.yaml'), 'engine: wasm\n');
    await writeFile(join(cwd, 'cpu.yaml'), 'engine: cpu\n');
    const engine = async (args: readonly string[], env: Record<string, string> = {}) =>
      (await cochlea(['train', 'job.yaml', ...args], { cwd, env })).stderr;
    const cpuJob = ['--set', 'engine=cpu'];
    const [job, file, environment, flag, wrong] = await Promise.all([
      engine([]),
      engine([...cpuJob, '--config', 'flags.yaml']),
      engine([...cpuJob, '--config', 'cpu.yaml'], { COCHLEA_ENGINE: 'wasm' }),
      engine([...cpuJob, '--engine', 'wasm'], { COCHLEA_ENGINE: 'cpu' }),
      engine([], { COCHLEA_ENGINE: 'gpu' }),
    ]);
    for (const stderr of [job, file, environment, flag])
      expect(stderr).toContain('device must be cpu or auto with the engine "wasm", got "cuda"');
    expect(wrong).toContain("from env 'COCHLEA_ENGINE' is invalid");
  });

  it('refuses a COCHLEA_LOG that does not exist', async () => {
    const { code, stderr } = await cochlea(['doctor'], { env: { COCHLEA_LOG: 'loud' } });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('quiet | lines | auto') });
  });

  it('hands COCHLEA_KERNELS to the addon', async () => {
    const { code, stdout } = await cochlea(['doctor', '--json'], { env: { COCHLEA_KERNELS: 'abacus' } });
    expect(code).toBe(1);
    const addon = JSON.parse(stdout).find((finding: { name: string }) => finding.name === 'native addon');
    expect(addon).toMatchObject({
      ok: false,
      found: expect.stringContaining('COCHLEA_KERNELS'),
      fix: expect.stringContaining('unset COCHLEA_KERNELS'),
    });
  });
});

it('doctor finds all that is required', async () => {
  const { code, stdout } = await cochlea(['doctor', '--json']);
  const findings: { name: string; ok: boolean; required: boolean; fix: string | null }[] = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(findings.map(({ name }) => name)).toContain('onnxruntime-node');
  for (const { ok, required, fix } of findings) {
    expect(ok || !required).toBe(true);
    expect(fix === null).toBe(ok);
  }
});
