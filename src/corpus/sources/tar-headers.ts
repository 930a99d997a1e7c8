/** What lies where in a tar archive, by its headers alone. */
import { type FileHandle, open } from 'node:fs/promises';
import { Header, Pax } from 'tar';
import { refuse } from './found.js';

export interface TarFile {
  readonly name: string;
  readonly byteOffset: number;
  readonly byteLength: number;
}

const BLOCK_BYTES = 512;
/** Read at a time: short members, such as labels, come with the header before them. */
const READ_BYTES = 1 << 14;
/** Extended headers are names; no real one is this long. */
const MOST_EXTENDED_BYTES = 1 << 20;

/**
 * Walks over the regular files of an archive from header to header: what lies between is not read.
 *
 * @throws ParameterError `ERR_CORPUS` naming the byte where the archive is damaged or ends early
 */
export async function* tarFiles(archive: TarReader): AsyncGenerator<TarFile> {
  let extended: Pax | undefined;
  let shared: Pax | undefined;
  for (let at = 0; ; ) {
    const header = await archive.headerAt(at, extended, shared);
    if (header === null) return;
    const { type, size = 0, path: name = '' } = header;
    const byteOffset = at + BLOCK_BYTES;
    archive.require(byteOffset + size, `inside ${name || 'an entry without a name'}`);
    if (type === 'ExtendedHeader') extended = await archive.pax(byteOffset, size, extended);
    else if (type === 'GlobalExtendedHeader') shared = await archive.pax(byteOffset, size, shared);
    else if (type === 'NextFileHasLongPath' || type === 'OldGnuLongPath') {
      extended = new Pax({ ...extended, path: (await archive.text(byteOffset, size)).replace(/\0.*/s, '') });
    } else if (type !== 'NextFileHasLongLinkpath') {
      if (isFile(type)) yield { name, byteOffset, byteLength: size };
      extended = undefined;
    }
    at = byteOffset + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
}

function isFile(type: Header['type']): boolean {
  return type === 'File' || type === 'OldFile' || type === 'ContiguousFile';
}

/** An archive that is open for reading. */
export class TarReader {
  readonly path: string;
  readonly size: number;
  readonly #file: FileHandle;
  readonly #look = Buffer.alloc(READ_BYTES);
  #lookStart = 0;
  #lookBytes = 0;

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path;
    this.#file = file;
    this.size = size;
  }

  static async open(path: string): Promise<TarReader> {
    const file = await open(path).catch((error: unknown) =>
      refuse(path, 'a tar archive that can be read', error instanceof Error ? error.message : error, path),
    );
    return new TarReader(path, file, (await file.stat()).size);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /** The header at a byte; `null` at the mark of the archive's end. */
  async headerAt(at: number, extended?: Pax, shared?: Pax): Promise<Header | null> {
    this.require(at + BLOCK_BYTES, 'where another header or the mark of its end has to be');
    const block = await this.bytes(at, BLOCK_BYTES);
    const header = this.#decoded(block, at, extended, shared);
    if (header.nullBlock) return null;
    if (header.cksumValid && header.size !== undefined) return header;
    return this.#damaged(at, header.cksumValid ? 'no size' : 'a wrong checksum');
  }

  #decoded(block: Buffer, at: number, extended: Pax | undefined, shared: Pax | undefined): Header {
    try {
      return new Header(block, 0, extended, shared);
    } catch (error) {
      return this.#damaged(at, error instanceof Error ? error.message : String(error));
    }
  }

  #damaged(at: number, got: string): never {
    return refuse(`${this.path} at byte ${at}`, 'a header of a tar archive', got, this.path);
  }

  /** Refuses an archive that ends before `end`. */
  require(end: number, where: string): void {
    if (end <= this.size) return;
    refuse(this.path, 'a whole tar archive', `an end at byte ${this.size} ${where}`, this.path);
  }

  async pax(at: number, size: number, before: Pax | undefined): Promise<Pax> {
    const text = await this.text(at, size);
    const sparse = text.includes('GNU.sparse.');
    if (sparse) refuse(`${this.path} at byte ${at}`, 'an archive without sparse files', 'one', this.path);
    return Pax.parse(text, before);
  }

  async text(at: number, size: number): Promise<string> {
    if (size > MOST_EXTENDED_BYTES) this.#damaged(at - BLOCK_BYTES, `one of ${size} bytes`);
    return (await this.bytes(at, size)).toString();
  }

  /** Bytes that lie inside; until the next call. */
  async bytes(at: number, n: number): Promise<Buffer> {
    const isThere = at >= this.#lookStart && at + n <= this.#lookStart + this.#lookBytes;
    if (n > READ_BYTES) return this.#read(Buffer.alloc(n), at);
    if (!isThere) {
      const found = await this.#read(this.#look, at);
      this.#lookStart = at;
      this.#lookBytes = found.length;
    }
    const from = at - this.#lookStart;
    return this.#look.subarray(from, Math.min(from + n, this.#lookBytes));
  }

  async #read(into: Buffer, at: number): Promise<Buffer> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#file.read(into, done, into.length - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return into.subarray(0, done);
  }
}
