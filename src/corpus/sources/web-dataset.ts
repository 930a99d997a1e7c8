/** WebDataset's shards: tar archives whose members with one key belong together. */
import { posix, resolve } from 'node:path';
import { expand } from 'brace-expansion';
import { isDynamicPattern } from 'tinyglobby';
import { isAudioPath } from '../../audio/index.js';
import { statOrNull } from '../../files/index.js';
import { oncePerFile, refuseSameFiles } from '../same-files.js';
import { belowRoot, commonFolder, type Found, type Named, refuse, slashes } from './found.js';
import { columnsOf, isObject } from './json-manifest.js';
import { search } from './search.js';
import { type TarFile, TarReader, tarFiles } from './tar-headers.js';

const PACKED = /\.(?:tar\.(?:gz|bz2|xz|zst|lz4)|tgz|tbz2?|txz)$/i;
/** Text beside a recording; longer is none. */
const MOST_TEXT_BYTES = 1 << 20;
const TEXTS: ReadonlySet<string> = new Set(['cls', 'txt', 'json']);

/** Whether a path or pattern names tar archives. */
export function isTarPath(path: string): boolean {
  return /\.tar$/i.test(path) || PACKED.test(path);
}

/** @param pattern a path, with braces that stand for several, or a glob */
export async function fromTars(pattern: string): Promise<Found> {
  const files = await archivesOf(pattern);
  const root = commonFolder(files);
  const named: Named[] = [];
  for (const file of files) {
    for await (const recording of recordingsOf(file, belowRoot(root, file))) named.push(recording);
  }
  if (named.length === 0) refuse(pattern, 'tar archives with recordings in them', 'none');
  return { root, named, isSearched: true };
}

async function archivesOf(pattern: string): Promise<string[]> {
  const found: string[] = [];
  const written: string[] = [];
  const names = (await statOrNull(pattern)) === null ? expand(pattern) : [pattern];
  for (const name of names) {
    if (PACKED.test(name))
      refuse(name, 'a tar archive that is not packed (members are read where they lie)', 'a packed one', name);
    if ((await statOrNull(name)) !== null) written.push(resolve(name));
    else if (isDynamicPattern(name)) found.push(...(await search(name, isTarPath, process.cwd(), true)).paths);
    else refuse(name, 'a tar archive', 'no such file', name);
  }
  const packed = found.find((path) => PACKED.test(path));
  if (packed !== undefined) refuse(packed, 'a tar archive that is not packed', 'a packed one', packed);
  await refuseSameFiles(
    '/',
    written.map((path) => ({ id: path, path })),
  );
  const once = await oncePerFile('/', found, { hasLinks: true });
  return [...written, ...once.map(({ path }) => path)];
}

/** The recordings of an archive, with what lies beside each. */
async function* recordingsOf(file: string, path: string): AsyncGenerator<Named> {
  const archive = await TarReader.open(file);
  try {
    let group = new Group('');
    for await (const member of tarFiles(archive)) {
      const [key, extension] = keyOf(member.name);
      if (key !== group.key) {
        yield* group.recordings(path);
        group = new Group(key);
      }
      if (isAudioPath(member.name)) group.sounds.push(member);
      else if (TEXTS.has(extension)) group.texts.set(extension, await textOf(archive, member));
    }
    yield* group.recordings(path);
  } finally {
    await archive.close();
  }
}

/** A member's path up to the first dot of its name, and what follows. */
function keyOf(name: string): [key: string, extension: string] {
  const base = posix.basename(name);
  const dot = base.indexOf('.', 1);
  if (dot < 0) return [name, ''];
  return [name.slice(0, name.length - base.length + dot), base.slice(dot + 1).toLowerCase()];
}

async function textOf(archive: TarReader, { name, byteOffset, byteLength }: TarFile): Promise<string> {
  if (byteLength > MOST_TEXT_BYTES) {
    refuse(`${name} of ${archive.path}`, `at most ${MOST_TEXT_BYTES} bytes long`, byteLength, archive.path);
  }
  return (await archive.bytes(byteOffset, byteLength)).toString();
}

/** Members with one key. */
class Group {
  readonly key: string;
  readonly sounds: TarFile[] = [];
  readonly texts = new Map<string, string>();

  constructor(key: string) {
    this.key = key;
  }

  *recordings(path: string): Generator<Named> {
    if (this.sounds.length === 0) return;
    const columns = this.#columns(path);
    for (const member of this.sounds) {
      const id = slashes(`${path}/${member.name}`);
      yield { id, path, member, ...(Object.keys(columns).length > 0 && { columns }) };
    }
  }

  /** `.cls` is the class and so the label, `.txt` is `text` and the label where there is no class, `.json` has columns. */
  #columns(path: string): Record<string, string> {
    const [cls, text, json] = [this.texts.get('cls')?.trim(), this.texts.get('txt')?.trim(), this.texts.get('json')];
    const own = { ...(text !== undefined && { text, label: text }), ...(cls !== undefined && { cls, label: cls }) };
    return json === undefined ? own : { ...own, ...this.#jsonColumns(json, path) };
  }

  #jsonColumns(json: string, path: string): Record<string, string> {
    const where = `${this.key}.json of ${path}`;
    try {
      const value: unknown = JSON.parse(json);
      if (isObject(value)) return columnsOf(value);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return refuse(where, 'JSON', error.message);
    }
    return refuse(where, 'a JSON object', json.slice(0, 60));
  }
}
