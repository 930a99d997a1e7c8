import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AudioFormatError, mustBe, ParameterError } from '../errors.js';
import type { AudioInput, PcmView } from '../types.js';
import type { SourceName } from './naming.js';
import { pcmView } from './pcm.js';

/** Where a recording's samples come from, once it is known how they must be read. */
export type Source =
  | { readonly kind: 'pcm'; readonly name: SourceName; readonly pcm: PcmView }
  /** A whole WAV file. */
  | { readonly kind: 'wav'; readonly name: SourceName; readonly bytes: Uint8Array }
  /** Another format, as bytes or as the path libsndfile opens itself. */
  | { readonly kind: 'encoded'; readonly name: SourceName; readonly file: string | Uint8Array };

/** `RIFF`/`RF64`/`BW64`, four bytes of length, `WAVE`. */
const WAV_HEAD_BYTES = 12;
/** Above this a WAV file is read piece by piece by libsndfile: one `read` of the system moves no more at once. */
const LARGEST_READ = 0x7fff_f000;

/** Finds out what `input` is, reading no more of a file than that takes, except that WAV files are read whole. */
export async function openSource(input: AudioInput): Promise<Source> {
  if (typeof input === 'string' || input instanceof URL) return openFile(pathOf(input));
  if (input instanceof Uint8Array) return openBytes(input);
  if (typeof input === 'object' && input !== null && ('samples' in input || 'bytes' in input)) {
    return { kind: 'pcm', name: { text: 'samples' }, pcm: pcmView(input) };
  }
  const expected = 'a path, a file: URL, the bytes of a file, or { samples, sampleRate }';
  throw new ParameterError('ERR_OPTION', mustBe('input', expected, input));
}

function pathOf(input: string | URL): string {
  if (typeof input === 'string') return input;
  if (input.protocol === 'file:') return fileURLToPath(input);
  throw new ParameterError('ERR_OPTION', mustBe('input', 'a file: URL', input.href));
}

function openBytes(bytes: Uint8Array): Source {
  const name = { text: `recording of ${bytes.byteLength} bytes` };
  if (bytes.byteLength === 0) throw new AudioFormatError('ERR_AUDIO_EMPTY', 'recording has no bytes');
  return isWav(bytes) ? { kind: 'wav', name, bytes } : { kind: 'encoded', name, file: bytes };
}

async function openFile(path: string): Promise<Source> {
  const name = { text: path, path };
  const file = await openForReading(path);
  try {
    const { size } = await checkedStat(file, path);
    const head = await readUpTo(file, Math.min(size, WAV_HEAD_BYTES));
    if (!isWav(head) || size > LARGEST_READ) return { kind: 'encoded', name, file: path };
    return { kind: 'wav', name, bytes: await readUpTo(file, size) };
  } catch (error) {
    throw readError(path, error);
  } finally {
    await file.close();
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw readError(path, error);
  }
}

async function checkedStat(file: FileHandle, path: string): Promise<{ size: number }> {
  const stat = await file.stat();
  if (stat.isDirectory()) throw new AudioFormatError('ERR_AUDIO_READ', `${path}: is a folder`, { path });
  if (!stat.isFile()) throw new AudioFormatError('ERR_AUDIO_READ', `${path}: is not a regular file`, { path });
  if (stat.size === 0) throw new AudioFormatError('ERR_AUDIO_EMPTY', `${path}: has no bytes`, { path });
  return stat;
}

/** The first `length` bytes, or as many as there are. Own memory, never the shared pool, so that it can be transferred. */
async function readUpTo(file: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function isWav(bytes: Uint8Array): boolean {
  if (bytes.byteLength < WAV_HEAD_BYTES) return false;
  const text = (from: number) => String.fromCharCode(...bytes.subarray(from, from + 4));
  return ['RIFF', 'RF64', 'BW64'].includes(text(0)) && text(8) === 'WAVE';
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EMFILE: 'too many open files',
};

/** The system's error as ours; errors of ours pass. */
function readError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const reason = SYSTEM_REASONS[String(error.code)] ?? error.message;
  return new AudioFormatError('ERR_AUDIO_READ', `${path}: ${reason}`, { path, system: String(error.code) });
}
