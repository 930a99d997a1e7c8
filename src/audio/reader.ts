import { loadAddon } from '../native/index.js';
import type { AudioInput, ChannelChoice, PcmView } from '../types.js';
import { nextTurn, throwIfAborted } from './abort.js';
import { FloatBuffer } from './float-buffer.js';
import { MemorySource } from './memory-source.js';
import { naming } from './naming.js';
import { checkOptions, OPEN_OPTIONS, type OpenOptions } from './options.js';
import { checkChannel, pcmView, toFloat, toInterleavedFloat } from './pcm.js';
import { RateChanger, resampledLength } from './rate-changer.js';
import { openSource } from './source.js';
import { Stretch } from './stretch.js';

/** Values read, converted and resampled at a time: a few milliseconds. */
const BLOCK_VALUES = 1 << 17;
/** While a peak is searched, recordings up to 16 MiB of floats are kept; longer ones are read a second time. */
const KEPT_VALUES = 1 << 22;

/** A recording that is read block by block. */
export interface AudioReader {
  /** Hz, of what `read` gives. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Per channel, at `sampleRate`; `null` until the end where only decoding tells (MP3). */
  readonly nSamples: number | null;
  /** `nSamples`, or a guess. */
  readonly expectedSamples: number;
  /** The recording's own rate, and how much of it was read. */
  readonly source: { readonly sampleRate: number; readonly samplesRead: number };
  /**
   * The next `n` samples per channel, interleaved, fewer only at the end, `null` behind it. Perhaps a view over the
   * input's own memory, so not to be written to. The loop turns while many are read.
   */
  read(n: number): Promise<Float32Array | null>;
  /** What has not been read, as it is stored where nothing needs converting. */
  readAll(): Promise<PcmView>;
  close(): Promise<void>;
}

/**
 * Opens a recording of any format to be read block by block, with the same samples as `readAudio` in memory that does
 * not grow with its length. To be closed.
 *
 * @throws as `readAudio`, some of it only by `read`: damage, an early end, NaN
 */
export async function openAudio(input: AudioInput, options: OpenOptions = {}): Promise<AudioReader> {
  checkOptions(options, 'openAudio', OPEN_OPTIONS);
  return options.normalize === 'peak' ? openAtPeak(input, options) : open(input, options, null);
}

async function open(input: AudioInput, options: OpenOptions, scale: number | null): Promise<Reader> {
  throwIfAborted(options.signal, 'reading');
  const opened = await openSource(input, options.signal);
  try {
    const stretch = await Stretch.of(opened, options);
    return naming(opened.name, () => new Reader(stretch, options, scale));
  } catch (error) {
    await opened.source.close();
    throw error;
  }
}

/** The largest magnitude is known only at the end, so this reads everything once. */
async function openAtPeak(input: AudioInput, options: OpenOptions): Promise<AudioReader> {
  const { maxAbs } = loadAddon();
  const { signal } = options;
  const first = await open(input, options, null);
  try {
    let kept: FloatBuffer | null = new FloatBuffer(0);
    let peak = 0;
    for (let block = await first.read(BLOCK_VALUES); block !== null; block = await first.read(BLOCK_VALUES)) {
      peak = Math.max(peak, maxAbs(block));
      if (kept !== null && kept.length + block.length > KEPT_VALUES) kept = null;
      kept?.push(block);
      await nextTurn(signal, 'reading');
    }
    const scale = peak === 0 ? null : 1 / peak;
    if (kept === null) return await open(input, options, scale);
    const { sampleRate, channels, source } = first;
    const again = new MemorySource(pcmView({ samples: kept.take(), sampleRate, channels }));
    const stretch = await Stretch.of({ name: first.name, source: again }, { signal });
    return new Reader(stretch, { signal }, scale, source);
  } finally {
    await first.close();
  }
}

class Reader implements AudioReader {
  readonly sampleRate: number;
  readonly channels: number;
  readonly #stretch: Stretch;
  readonly #channel: ChannelChoice | 'all';
  readonly #rate: RateChanger | null;
  readonly #scale: number | null;
  readonly #signal: AbortSignal | undefined;
  /** What was read before, where this reads what was kept of it. */
  readonly #origin: AudioReader['source'] | null;
  readonly #blockSamples: number;
  /** Converted and not yet given. */
  #ready: Float32Array = new Float32Array(0);
  #given = 0;
  #ended = false;

  constructor(stretch: Stretch, o: OpenOptions, scale: number | null, origin: AudioReader['source'] | null = null) {
    const mono = stretch.channels === 1 && (o.channel === 0 || o.channel === 'mean');
    this.#channel = mono ? 'all' : (o.channel ?? 'all');
    if (this.#channel !== 'all') checkChannel(stretch, this.#channel);
    this.channels = this.#channel === 'all' ? stretch.channels : 1;
    this.sampleRate = o.sampleRate ?? stretch.sampleRate;
    this.#stretch = stretch;
    this.#rate = this.#rateChanger();
    this.#scale = scale;
    this.#signal = o.signal;
    this.#origin = origin;
    const growth = Math.max(1, this.sampleRate / stretch.sampleRate);
    this.#blockSamples = Math.max(1, Math.floor(BLOCK_VALUES / stretch.channels / growth));
  }

  get name(): Stretch['name'] {
    return this.#stretch.name;
  }

  get nSamples(): number | null {
    if (this.#ended) return this.#given + this.#ready.length / this.channels;
    const own = this.#stretch.nSamples;
    return own === null ? null : resampledLength(own, this.#stretch.sampleRate, this.sampleRate);
  }

  get expectedSamples(): number {
    return this.nSamples ?? resampledLength(this.#stretch.expectedSamples, this.#stretch.sampleRate, this.sampleRate);
  }

  get source(): AudioReader['source'] {
    return this.#origin ?? { sampleRate: this.#stretch.sampleRate, samplesRead: this.#stretch.position };
  }

  async read(n: number): Promise<Float32Array | null> {
    throwIfAborted(this.#signal, 'reading');
    const wanted = n * this.channels;
    if (this.#ready.length < wanted) this.#ready = await this.#fill(wanted);
    const block = this.#ready.subarray(0, wanted);
    this.#ready = this.#ready.subarray(block.length);
    this.#given += block.length / this.channels;
    return block.length === 0 ? null : block;
  }

  async readAll(): Promise<PcmView> {
    throwIfAborted(this.#signal, 'reading');
    const stored = this.#channel === 'all' && this.#rate === null && this.#scale === null;
    if (stored && this.#given === 0 && !this.#ended) return this.#stored();
    const { sampleRate, channels } = this;
    const expected = resampledLength(this.#stretch.expectedSamples, this.#stretch.sampleRate, sampleRate);
    const samples = new FloatBuffer(expected * channels);
    samples.push(this.#ready);
    while (!this.#ended) {
      samples.push(await this.#block());
      await nextTurn(this.#signal, 'reading');
    }
    this.#given += samples.length / channels;
    this.#ready = new Float32Array(0);
    return pcmView({ samples: samples.take(), sampleRate, channels });
  }

  async close(): Promise<void> {
    this.#rate?.close();
    await this.#stretch.close();
  }

  #rateChanger(): RateChanger | null {
    const from = this.#stretch.sampleRate;
    return this.sampleRate === from ? null : new RateChanger(from, this.sampleRate, this.channels);
  }

  async #stored(): Promise<PcmView> {
    const pcm = await this.#stretch.next(Infinity);
    this.#ended = true;
    this.#given = this.#stretch.position;
    // `next` throws where there is nothing at all.
    return pcm ?? pcmView({ samples: new Float32Array(0), sampleRate: this.sampleRate, channels: this.channels });
  }

  /** What is ready and then as many blocks as it takes to `wanted` values, or the end. */
  async #fill(wanted: number): Promise<Float32Array> {
    const filled = new FloatBuffer(0);
    let block = this.#ready;
    while (filled.length + block.length < wanted && !this.#ended) {
      filled.push(block);
      block = await this.#block();
      await nextTurn(this.#signal, 'reading');
    }
    if (filled.length === 0) return block;
    filled.push(block);
    return filled.take();
  }

  async #block(): Promise<Float32Array> {
    const pcm = await this.#stretch.next(this.#blockSamples);
    this.#ended = pcm === null;
    const floats = pcm === null ? (this.#rate?.finish() ?? new Float32Array(0)) : this.#convert(pcm);
    const scale = this.#scale;
    return scale === null ? floats : floats.map((x) => x * scale);
  }

  #convert(pcm: PcmView): Float32Array {
    const chosen = this.#channel === 'all' ? pcm : monoOf(pcm, this.#channel);
    return this.#rate === null ? toInterleavedFloat(chosen) : this.#rate.push(chosen);
  }
}

function monoOf(pcm: PcmView, channel: ChannelChoice): PcmView {
  return pcmView({ samples: toFloat(pcm, channel), sampleRate: pcm.sampleRate });
}
