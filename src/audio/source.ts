import { constants, type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AudioFormatError, CochleaError, mustBe, ParameterError } from '../errors.js';
import { loadAddon } from '../native/index.js';
import type { AudioInput, PcmView } from '../types.js';
import { DecodedSource } from './decoded-source.js';
import { MemorySource } from './memory-source.js';
import { naming, type SourceName } from './naming.js';
import { checkSampleRate, pcmView } from './pcm.js';
import { WavFileSource } from './wav-file-source.js';

/** A recording's samples as they are stored, from its beginning on. */
export interface Source {
  readonly channels: number;
  readonly sampleRate: number;
  /** Per channel; `null` where only decoding tells. */
  readonly nSamples: number | null;
  /** `nSamples`, or a guess. */
  readonly expectedSamples: number;
  /** The next samples, `n` of them unless the recording ends; `null` at its end. The loop turns while many are read. */
  next(n: number): Promise<PcmView | null>;
  /** Passes over up to `n` samples; returns how many there were. */
  skip(n: number): Promise<number>;
  close(): Promise<void>;
}

export interface OpenedSource {
  readonly name: SourceName;
  readonly source: Source;
}

/** `RIFF`/`RF64`/`BW64`, four bytes of length, `WAVE`. */
const WAV_HEAD_BYTES = 12;

/** Opens what `input` is, reading no more of a file than its header. */
export async function openSource(input: AudioInput, signal?: AbortSignal): Promise<OpenedSource> {
  if (typeof input === 'string' || input instanceof URL) return openFile(pathOf(input), signal);
  if (input instanceof Uint8Array) return openBytes(input, signal);
  if (typeof input === 'object' && input !== null && ('samples' in input || 'bytes' in input)) {
    return { name: { text: 'samples' }, source: new MemorySource(pcmView(input)) };
  }
  const expected = 'a path, a file: URL, the bytes of a file, or { samples, sampleRate }';
  throw new ParameterError('ERR_OPTION', mustBe('input', expected, input));
}

function pathOf(input: string | URL): string {
  if (typeof input === 'string') return input;
  if (input.protocol === 'file:') return fileURLToPath(input);
  throw new ParameterError('ERR_OPTION', mustBe('input', 'a file: URL', input.href));
}

function openBytes(bytes: Uint8Array, signal: AbortSignal | undefined): OpenedSource {
  const name = { text: `recording of ${bytes.byteLength} bytes` };
  if (bytes.byteLength === 0) throw new AudioFormatError('ERR_AUDIO_EMPTY', 'recording has no bytes');
  const source = naming(name, () => {
    if (!isWav(bytes)) return new DecodedSource(bytes, signal);
    return openWav(bytes, signal, ({ dataOffset, dataBytes, ...pcm }) => {
      return new MemorySource({ ...pcm, bytes: bytes.subarray(dataOffset, dataOffset + dataBytes) });
    });
  });
  return { name, source };
}

async function openFile(path: string, signal: AbortSignal | undefined): Promise<OpenedSource> {
  const name = { text: path, path };
  const file = await openForReading(path);
  let source: Source | undefined;
  try {
    await checkStat(file, path);
    const wav = isWav(await headOf(file));
    source = naming(name, () => {
      if (!wav) return new DecodedSource(path, signal);
      return openWav(path, signal, (layout) => new WavFileSource(file, layout, signal));
    });
    return { name, source };
  } catch (error) {
    throw systemError(path, error);
  } finally {
    if (!(source instanceof WavFileSource)) await file.close();
  }
}

type Layout = ReturnType<ReturnType<typeof loadAddon>['parseWav']>;

/** What our own parser does not read (ADPCM, GSM and other encodings that a WAV file may hold) is libsndfile's. */
function openWav(
  file: string | Uint8Array,
  signal: AbortSignal | undefined,
  stored: (layout: Layout) => Source,
): Source {
  try {
    const layout = loadAddon().parseWav(file);
    checkSampleRate('the sample rate in the header', layout.sampleRate);
    return stored(layout);
  } catch (error) {
    if (error instanceof CochleaError && error.code === 'ERR_WAV_CODEC') return decodeInstead(file, signal, error);
    throw error;
  }
}

/** Where libsndfile does not open it either, our own parser's reason says more; a truncated one it opened. */
function decodeInstead(file: string | Uint8Array, signal: AbortSignal | undefined, refusal: CochleaError): Source {
  try {
    return new DecodedSource(file, signal);
  } catch (error) {
    const opened = error instanceof CochleaError && 'promised' in error.details;
    throw opened ? error : refusal;
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    // Without waiting: a pipe that nobody writes to would never open.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw systemError(path, error);
  }
}

async function checkStat(file: FileHandle, path: string): Promise<void> {
  const stat = await file.stat();
  if (stat.isDirectory()) throw new AudioFormatError('ERR_AUDIO_READ', `${path}: is a folder`, { path });
  if (!stat.isFile()) throw new AudioFormatError('ERR_AUDIO_READ', `${path}: is not a regular file`, { path });
  if (stat.size === 0) throw new AudioFormatError('ERR_AUDIO_EMPTY', `${path}: has no bytes`, { path });
}

async function headOf(file: FileHandle): Promise<Uint8Array> {
  const head = new Uint8Array(WAV_HEAD_BYTES);
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  return head.subarray(0, bytesRead);
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
function systemError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const reason = SYSTEM_REASONS[String(error.code)] ?? error.message;
  return new AudioFormatError('ERR_AUDIO_READ', `${path}: ${reason}`, { path, system: String(error.code) });
}
