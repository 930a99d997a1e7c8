/** The job files of examples/many-machines: they parse, say what the command line has, and agree on the number of parts. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { makeProgram } from '../../src/cli/program.js';
import { ROOT, readDocument } from '../docs/markdown.js';

const FOLDER = 'examples/many-machines';
const FILES = readdirSync(join(ROOT, FOLDER)).sort();
const SCRIPTS = FILES.filter((file) => file.endsWith('.sh'));
const PARTS = 8;

const read = (file: string): string => readDocument(`${FOLDER}/${file}`);
const program = makeProgram();

interface Job {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly completions?: number;
    readonly parallelism?: number;
    readonly completionMode?: string;
    readonly backoffLimitPerIndex?: number;
    readonly suspend?: boolean;
    readonly podFailurePolicy?: { readonly rules: readonly { readonly onExitCodes?: { readonly values: number[] } }[] };
    readonly template: {
      readonly spec: {
        readonly restartPolicy: string;
        readonly volumes: readonly { readonly name: string }[];
        readonly containers: readonly {
          readonly name: string;
          readonly args: readonly [string];
          readonly volumeMounts: readonly { readonly name: string }[];
        }[];
      };
    };
  };
}

const jobs: Job[] = parseAllDocuments(read('kubernetes.yaml'), { strict: true }).map((document) => {
  expect(document.errors).toEqual([]);
  return document.toJS();
});
const definition: {
  retryStrategy: { attempts: number; evaluateOnExit: { onExitCode?: string; action: string }[] };
  containerProperties: { command: string[] };
} = JSON.parse(read('aws-batch.json'));

/** Every call of ours in a text, also in its comments. */
function callsIn(text: string): string[][] {
  const calls = text.matchAll(/\bcochlea (?=plan|extract|merge)([^\n;|&]*)/g);
  return [...calls].map((match) => match[1]!.replaceAll(/["']/g, '').trim().split(/\s+/));
}

const texts: readonly (readonly [string, string])[] = [
  ...SCRIPTS.map((file) => [file, read(file)] as const),
  ...jobs.map(({ metadata, spec }) => [metadata.name, spec.template.spec.containers[0]!.args[0]] as const),
  ['aws-batch.json', definition.containerProperties.command.join('\n')],
];
const calls = texts.flatMap(([file, text]) => callsIn(text).map((words) => ({ file, words })));

function verbOf(words: readonly string[]): Command {
  const verb = program.commands.find((one) => one.name() === words[0]);
  if (verb === undefined) throw new Error(`no verb ${words[0]}`);
  return verb;
}

it('hold every kind of file, and no other', () => {
  expect(FILES).toEqual([
    ...['aws-batch.json', 'aws-batch.sh', 'kubernetes.sh', 'kubernetes.yaml'],
    ...['slurm-merge.sh', 'slurm-part.sh', 'slurm.sh'],
  ]);
});

it.each(SCRIPTS)('%s is a script that the shell can read', (file) => {
  const { status, stderr } = spawnSync('sh', ['-n', join(ROOT, FOLDER, file)], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe('calls of the program', () => {
  it('are found: plan, parts and merge for each of three schedulers', () => {
    for (const verb of ['plan', 'extract', 'merge']) {
      expect(calls.filter(({ words }) => words[0] === verb).length, verb).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(calls.map(({ file, words }) => [`${file}: cochlea ${words.join(' ')}`, words] as const))('%s', (_, words) => {
    const options = verbOf(words).options;
    const flags = words.filter((word) => /^-/.test(word));
    const known = options.flatMap(({ short, long }) => [short, long]);
    expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
    // A flag that takes a value has one.
    for (const flag of flags.filter(
      (one) => options.find(({ short, long }) => [short, long].includes(one))?.required,
    )) {
      expect(words[words.indexOf(flag) + 1], flag).toMatch(/^[^-]/);
    }
  });
});

describe('the number of parts', () => {
  it('is the same in every plan', () => {
    const plans = calls
      .filter(({ words }) => words[0] === 'plan')
      .map(({ words }) => words[words.indexOf('--shards') + 1]);
    expect(plans).toEqual(plans.map(() => String(PARTS)));
  });

  it('is that of the array, whose elements find their own', () => {
    expect(read('slurm.sh')).toContain(`--array=0-${PARTS - 1} `);
    expect(read('slurm-part.sh')).toContain(`--array=0-${PARTS - 1} `);
    expect(jobs.find(({ metadata }) => metadata.name === 'cochlea-extract')?.spec).toMatchObject({
      completions: PARTS,
      completionMode: 'Indexed',
    });
    expect(read('aws-batch.sh')).toContain(`--array-properties size=${PARTS})`);
    const auto = calls.filter(({ words }) => words[0] === 'extract' && words.includes('auto')).map(({ file }) => file);
    expect(auto).toEqual(['slurm-part.sh', 'cochlea-extract', 'aws-batch.json']);
  });
});

it('Kubernetes runs the Jobs of kubernetes.sh, with volumes that they mount', () => {
  const script = read('kubernetes.sh');
  expect(jobs.map(({ metadata }) => metadata.name)).toEqual(['cochlea-plan', 'cochlea-extract', 'cochlea-merge']);
  for (const { metadata, spec } of jobs) {
    expect(script).toContain(`job/${metadata.name}\n`);
    expect(script.includes(`patch job ${metadata.name} `)).toBe(spec.suspend === true);
    const { restartPolicy, volumes, containers } = spec.template.spec;
    expect(restartPolicy).toBe('Never');
    expect(containers[0]!.volumeMounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name));
  }
  // The limit for each index needs both an indexed Job and pods that do not restart.
  expect(jobs[1]!.spec.backoffLimitPerIndex).toBeGreaterThan(0);
});

/** What a job says to its scheduler when the program ends with a code. */
function verdict(command: string, code: number): number | null {
  const stub = `cochlea() { return ${code}; }\nSLURM_CPUS_PER_TASK=1\n`;
  return spawnSync('sh', ['-c', stub + command, 'features', 'features']).status;
}

const mergeOnBatch: { command: [string, string, string] } = JSON.parse(
  /--depends-on.*\n.*--container-overrides '(.*)'/.exec(read('aws-batch.sh'))![1]!,
);
const commands = [
  ['slurm-part.sh', read('slurm-part.sh')],
  ['slurm-merge.sh', read('slurm-merge.sh')],
  ...jobs.slice(1).map(({ metadata, spec }) => [metadata.name, spec.template.spec.containers[0]!.args[0]] as const),
  ['aws-batch.json', definition.containerProperties.command[2]!],
  ['aws-batch.sh', mergeOnBatch.command[2]],
] as const;

it.each(commands)('%s: recordings in errors.jsonl are no failure, anything else is', (_, command) => {
  expect([0, 3].map((code) => verdict(command, code))).toEqual([0, 0]);
  for (const code of [1, 2, 130, 137]) expect(verdict(command, code), String(code)).toBeGreaterThan(0);
  // What is tried again depends on it.
  if (command.includes('--shard auto')) expect(verdict(command, 2)).toBe(2);
});

it('wrong usage, which no second try helps, is not tried again', () => {
  const [rule] = jobs[1]!.spec.podFailurePolicy!.rules;
  expect(rule?.onExitCodes?.values).toEqual([2]);
  expect(definition.retryStrategy.evaluateOnExit[0]).toEqual({ onExitCode: '2', action: 'EXIT' });
});
