/** One file in a hundred is broken: just those stand in errors.jsonl, each with a reason. */
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { corpusOf, extraction, work } from './extraction.mjs';

const SHARE = 0.01;

export async function brokenFiles({ hours }) {
  const corpus = corpusOf({ hours, broken: SHARE });
  const expected = jsonLines(`${corpus.folder}.broken.jsonl`);
  const out = work('broken');
  rmSync(out, { recursive: true, force: true });
  const { code, report } = await extraction(corpus.folder, out);
  if (code !== 3) throw new Error(`exit code must be 3, got ${code}`);
  const errors = jsonLines(join(out, 'errors.jsonl'));
  const found = new Map(
    errors.map(({ path, code, message }) => [relative(corpus.folder, path), `${code}: ${message}`]),
  );
  const missing = expected.filter(({ path }) => !found.has(path)).map(({ path, kind }) => `${path} (${kind})`);
  const surplus = [...found.keys()].filter((path) => !expected.some((one) => one.path === path));
  if (missing.length + surplus.length > 0) throw new Error(`not told: ${missing}; told and whole: ${surplus}`);
  const reasons = Object.fromEntries(expected.map(({ path, kind }) => [kind, found.get(path)?.split(':')[0]]));
  rmSync(out, { recursive: true });
  return { files: corpus.files, broken: expected.length, recordings: report.recordings, reasons };
}

function jsonLines(path) {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
