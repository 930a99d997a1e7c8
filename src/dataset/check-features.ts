/** Whether a folder of features is whole: what its manifest says of each file, against the bytes that are there. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetError, mustBe, toPlainError } from '../errors.js';
import { MANIFEST, type Manifest, type ManifestShard, readManifest, type WrittenFile } from '../shards/index.js';
import type { Finding, LongWork } from '../types.js';
import { checkManifest } from './check-manifest.js';
import { ShardCheck } from './check-shard.js';
import { recordingErrors } from './recording-errors.js';

export interface FeaturesCheck {
  /** Whether nothing failed. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** Of a file, read at a time. */
const PIECE_BYTES = 1 << 20;
/** Files told of one by one; more are counted. */
const FILES_TOLD = 20;

/**
 * Checks that the manifest fits together, that every file has its length and SHA-256, that every shard holds features of
 * the manifest's spec, under ids that no other recording has, and that every number is finite, and that `errors.jsonl` can
 * be read. Files are read in pieces of 1 MiB. What is wrong is in the result, with the name of the file; nothing is thrown
 * for it. Shards of another format than Arrow are only compared with their checksums.
 *
 * @param folder of `extract`
 */
export async function checkFeatures(folder: string, work: LongWork = {}): Promise<FeaturesCheck> {
  const check = new FolderCheck(folder, work);
  await check.run();
  return { ok: check.findings.every(({ status }) => status !== 'failed'), findings: check.findings };
}

class FolderCheck {
  readonly findings: Finding[] = [];
  readonly #folder: string;
  readonly #work: LongWork;

  constructor(folder: string, work: LongWork) {
    this.#folder = folder;
    this.#work = work;
  }

  async run(): Promise<void> {
    const manifest = await this.#look('manifest', () => this.#manifest());
    if (manifest === null) return;
    await this.#files(manifest);
    await this.#features(manifest);
    await this.#look('errors.jsonl', () => this.#errors(manifest));
  }

  /** @returns what was found, or `null` where it failed */
  async #look<T>(name: string, work: () => Promise<{ readonly found: string; readonly value: T }>): Promise<T | null> {
    this.#work.signal?.throwIfAborted();
    try {
      const { found, value } = await work();
      this.findings.push({ name, status: 'passed', found });
      return value;
    } catch (thrown) {
      this.#work.signal?.throwIfAborted();
      this.findings.push({ name, status: 'failed', found: toPlainError(thrown).message });
      return null;
    }
  }

  async #manifest(): Promise<{ found: string; value: Manifest }> {
    const path = join(this.#folder, MANIFEST);
    const manifest = await readManifest(this.#folder);
    if (manifest === null) throw new DatasetError('ERR_SHARD', mustBe(path, 'there', 'nothing'), { path });
    return { found: checkManifest(manifest, path), value: manifest };
  }

  async #files({ shards }: Manifest): Promise<void> {
    const files = shards.flatMap((shard) => shard.files);
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    const see = (bytes: number): void => {
      done += bytes;
      this.#work.onProgress?.({ stage: 'checksums (bytes)', done, total });
    };
    await this.#each(
      'files',
      files,
      (file) => compareFile(this.#folder, file, see, this.#work.signal),
      () => `${files.length} with the length and SHA-256 of the manifest`,
    );
  }

  async #features(manifest: Manifest): Promise<void> {
    const { shards, format } = manifest;
    if (format !== 'arrow') {
      const found = `format ${format}: numbers are not looked at`;
      this.findings.push({ name: 'features', status: 'skipped', found });
      return;
    }
    const check = new ShardCheck(this.#folder, manifest, this.#work.signal);
    const look = async (shard: ManifestShard): Promise<void> => {
      await check.add(shard);
      this.#work.onProgress?.({ stage: 'features (frames)', done: check.frames, total: manifest.frames });
    };
    await this.#each('features', shards, look, () => check.found());
    const { twice } = check.ids();
    if (twice !== null) {
      const found = mustBe('ids', 'different in all shards', `${twice} twice`);
      this.findings.push({ name: 'ids', status: 'failed', found });
    }
  }

  /** One finding for each that is wrong, or one for all. */
  async #each<T>(name: string, all: readonly T[], look: (one: T) => Promise<void>, found: () => string): Promise<void> {
    const wrong: string[] = [];
    for (const one of all) {
      this.#work.signal?.throwIfAborted();
      try {
        await look(one);
      } catch (thrown) {
        this.#work.signal?.throwIfAborted();
        wrong.push(toPlainError(thrown).message);
      }
    }
    const told = wrong.slice(0, FILES_TOLD);
    if (wrong.length > told.length) told.push(`${wrong.length - told.length} more`);
    this.findings.push(
      ...(wrong.length === 0
        ? [{ name, status: 'passed', found: found() } as const]
        : told.map((message) => ({ name, status: 'failed', found: message }) as const)),
    );
  }

  async #errors({ failed }: Manifest): Promise<{ found: string; value: number }> {
    let lines = 0;
    for await (const _ of recordingErrors(this.#folder)) lines += 1;
    if (lines !== failed) {
      const path = join(this.#folder, 'errors.jsonl');
      throw new DatasetError('ERR_SHARD', mustBe(path, `${failed} lines, as the manifest says`, lines), { path });
    }
    return {
      found: lines === 0 ? 'no recording failed' : `${lines} recording${lines === 1 ? '' : 's'} without features`,
      value: lines,
    };
  }
}

/** @throws DatasetError `ERR_SHARD` naming the file */
async function compareFile(
  folder: string,
  { file, bytes, sha256 }: WrittenFile,
  see: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = join(folder, file);
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size !== bytes) throw new DatasetError('ERR_SHARD', mustBe(path, `${bytes} bytes long`, size), { path });
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (let at = 0; at < size; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, at);
      if (bytesRead === 0) throw new DatasetError('ERR_SHARD', mustBe(path, `${bytes} bytes long`, at), { path });
      hash.update(piece.subarray(0, bytesRead));
      at += bytesRead;
      see(bytesRead);
    }
    const found = hash.digest('hex');
    if (found === sha256) return;
    throw new DatasetError('ERR_SHARD', `${path} must have the SHA-256 ${sha256}, got ${found}`, { path });
  } finally {
    await handle.close();
  }
}
