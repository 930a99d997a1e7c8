import { constants, type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AudioFormatError, CochleaError, mustBe, ParameterError } from '../errors.js';
import { isReadableName, shownName as shown, UNREADABLE_NAME } from '../files/index.js';
import { loadAddon, type NativeAudioSource } from '../native/index.js';
import type { AudioInput, FileRange, PcmView } from '../types.js';
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

type FileName = Required<SourceName>;

/** `RIFF`/`RF64`/`BW64`, four bytes of length, `WAVE`. */
const WAV_HEAD_BYTES = 12;

/** Opens what `input` is, reading no more of a file than its header. */
export async function openSource(input: AudioInput, signal?: AbortSignal): Promise<OpenedSource> {
  if (typeof input === 'string' || input instanceof URL) return openFile(pathOf(input), null, signal);
  if (input instanceof Uint8Array) return openBytes(input, signal);
  if (typeof input === 'object' && input !== null) {
    if ('byteOffset' in input && 'path' in input) return openFile(input.path, checkedRange(input), signal);
    if ('samples' in input || 'bytes' in input) {
      return { name: { text: 'samples' }, source: new MemorySource(pcmView(input)) };
    }
  }
  const expected =
    'a path, a file: URL, the bytes of a file, { samples, sampleRate } or { path, byteOffset, byteLength }';
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

function checkedRange(range: FileRange): FileRange {
  const { path, byteOffset, byteLength } = range;
  if (typeof path !== 'string') throw new ParameterError('ERR_OPTION', mustBe('input.path', 'a path', path));
  for (const [name, value] of Object.entries({ byteOffset, byteLength })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new ParameterError('ERR_OPTION', mustBe(`input.${name}`, 'a whole number of bytes from 0', value));
  }
  return range;
}

/** @param range the part of the file that is the recording; `null` for all of it */
async function openFile(path: string, range: FileRange | null, signal: AbortSignal | undefined): Promise<OpenedSource> {
  const name = { text: range === null ? shown(path) : nameOf(range), path };
  if (!isReadableName(path)) throw new AudioFormatError('ERR_AUDIO_READ', `${name.text}: ${UNREADABLE_NAME}`, { path });
  const file = await openForReading(name);
  let source: Source | undefined;
  try {
    await checkStat(file, name, range);
    const start = range?.byteOffset ?? 0;
    const wav = isWav(await headOf(file, start, range?.byteLength ?? WAV_HEAD_BYTES));
    source = naming(name, () => {
      if (!wav) return new DecodedSource(range ?? path, signal);
      return openWav(range ?? path, signal, (layout) => new WavFileSource(file, layout, start, signal));
    });
    return { name, source };
  } catch (error) {
    throw systemError(name, error);
  } finally {
    if (!(source instanceof WavFileSource)) await file.close();
  }
}

type Layout = ReturnType<ReturnType<typeof loadAddon>['parseWav']>;

/** What our own parser does not read (ADPCM, GSM and other encodings that a WAV file may hold) is libsndfile's. */
function openWav(file: NativeAudioSource, signal: AbortSignal | undefined, stored: (layout: Layout) => Source): Source {
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
function decodeInstead(file: NativeAudioSource, signal: AbortSignal | undefined, refusal: CochleaError): Source {
  try {
    return new DecodedSource(file, signal);
  } catch (error) {
    const opened = error instanceof CochleaError && 'promised' in error.details;
    throw opened ? error : refusal;
  }
}

function nameOf({ path, byteOffset, name }: FileRange): string {
  return name ?? `${shown(path)} at byte ${byteOffset}`;
}

async function openForReading(name: FileName): Promise<FileHandle> {
  try {
    // Without waiting: a pipe that nobody writes to would never open.
    return await open(name.path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw systemError(name, error);
  }
}

async function checkStat(file: FileHandle, name: FileName, range: FileRange | null): Promise<void> {
  const stat = await file.stat();
  const refuse = (code: 'ERR_AUDIO_READ' | 'ERR_AUDIO_EMPTY', reason: string): AudioFormatError =>
    new AudioFormatError(code, `${name.text}: ${reason}`, { path: name.path });
  if (stat.isDirectory()) throw refuse('ERR_AUDIO_READ', 'is a folder');
  if (!stat.isFile()) throw refuse('ERR_AUDIO_READ', 'is not a regular file');
  if (stat.size === 0 || range?.byteLength === 0) throw refuse('ERR_AUDIO_EMPTY', 'has no bytes');
  if (range === null || range.byteOffset + range.byteLength <= stat.size) return;
  const got = `${range.byteLength} bytes from byte ${range.byteOffset}`;
  throw refuse('ERR_AUDIO_READ', mustBe('the recording', `inside its file of ${stat.size} bytes`, got));
}

async function headOf(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const head = new Uint8Array(Math.min(WAV_HEAD_BYTES, length));
  const { bytesRead } = await file.read(head, 0, head.length, start);
  return head.subarray(0, bytesRead);
}

/** Of the first bytes of a recording. */
export function isWav(bytes: Uint8Array): boolean {
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
function systemError({ text, path }: FileName, error: unknown): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const reason = SYSTEM_REASONS[String(error.code)] ?? error.message;
  return new AudioFormatError('ERR_AUDIO_READ', `${text}: ${reason}`, { path, system: String(error.code) });
}
