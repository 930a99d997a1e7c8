import { AudioFormatError, mustBe, ParameterError } from '../errors.js';
import type { PcmView } from '../types.js';
import { nextTurn } from './abort.js';
import { namingAsync, type SourceName } from './naming.js';
import type { ReadOptions } from './options.js';
import { checkFinite, slicePcm } from './pcm.js';
import type { OpenedSource, Source } from './source.js';

/** Values looked at in one native call: some ten milliseconds. */
const CHECK_VALUES = 1 << 22;

/** The samples between `startSec` and `startSec + durationSec`, as they are stored, all of them finite. */
export class Stretch {
  readonly name: SourceName;
  readonly channels: number;
  readonly sampleRate: number;
  readonly #source: Source;
  readonly #signal: AbortSignal | undefined;
  /** How many there are; infinite where only the end tells. */
  #limit: number;
  #read = 0;

  private constructor({ name, source }: OpenedSource, limit: number, signal: AbortSignal | undefined) {
    this.name = name;
    this.channels = source.channels;
    this.sampleRate = source.sampleRate;
    this.#source = source;
    this.#signal = signal;
    this.#limit = limit;
  }

  /** @throws ParameterError `ERR_OPTION` for a stretch outside the recording; AudioFormatError `ERR_AUDIO_EMPTY` */
  static async of(opened: OpenedSource, options: ReadOptions): Promise<Stretch> {
    const { source, name } = opened;
    return namingAsync(name, async () => {
      const first = Math.round((options.startSec ?? 0) * source.sampleRate);
      if (source.nSamples !== null) checkInside(first, source.nSamples, source.sampleRate, options);
      const asked = askedSamples(source.sampleRate, options);
      const passed = await source.skip(first);
      if (passed < first) checkInside(first, passed, source.sampleRate, options);
      return new Stretch(opened, Math.min(asked, (source.nSamples ?? Infinity) - first), options.signal);
    });
  }

  /** Per channel; `null` until the end tells. */
  get nSamples(): number | null {
    return Number.isFinite(this.#limit) && this.#source.nSamples !== null ? this.#limit : null;
  }

  /** `nSamples`, or a guess. */
  get expectedSamples(): number {
    return Math.min(this.#limit, this.#source.expectedSamples);
  }

  /** How many were read. */
  get position(): number {
    return this.#read;
  }

  /** The next `n` samples, fewer at the end, `null` behind it. */
  async next(n: number): Promise<PcmView | null> {
    const asked = Math.min(n, this.#limit - this.#read);
    const pcm = asked === 0 ? null : await namingAsync(this.name, () => this.#source.next(asked));
    if (pcm === null) {
      if (this.#read === 0) throw new AudioFormatError('ERR_AUDIO_EMPTY', `${this.name.text}: has no samples`);
      return null;
    }
    await this.#check(pcm);
    this.#read += pcm.nSamples;
    return pcm;
  }

  close(): Promise<void> {
    return this.#source.close();
  }

  async #check(pcm: PcmView): Promise<void> {
    const block = Math.max(1, Math.floor(CHECK_VALUES / pcm.channels));
    for (let first = 0; first < pcm.nSamples; first += block) {
      if (first > 0) await nextTurn(this.#signal, 'reading');
      const part = slicePcm(pcm, first, Math.min(block, pcm.nSamples - first));
      checkFinite(part, this.name.text, this.#read + first);
    }
  }
}

function checkInside(first: number, nSamples: number, sampleRate: number, options: ReadOptions): void {
  if (nSamples === 0) throw new AudioFormatError('ERR_AUDIO_EMPTY', 'has no samples');
  if (first < nSamples) return;
  const expected = `before the recording's end at ${nSamples / sampleRate} s`;
  throw new ParameterError('ERR_OPTION', mustBe('startSec', expected, options.startSec));
}

function askedSamples(sampleRate: number, { durationSec }: ReadOptions): number {
  if (durationSec === undefined) return Number.POSITIVE_INFINITY;
  const asked = Math.round(durationSec * sampleRate);
  if (asked > 0) return asked;
  const expected = `at least one sample (${1 / sampleRate} s)`;
  throw new ParameterError('ERR_OPTION', mustBe('durationSec', expected, durationSec));
}
