import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What a clock on the wall of a place says → when that was. */
export class WallClock {
  readonly #zone: IANAZone;
  /** Offset of days on which nobody touched the clocks; `null` for the others. */
  readonly #quietDays = new Map<number, number | null>();

  /** @param zone a valid IANA name */
  constructor(zone: string) {
    this.#zone = IANAZone.create(zone);
  }

  /**
   * @param wallMs the time that the clock shows, as if it were UTC
   * @returns ms since the epoch: one time, two (the clock was put back; the earlier one first) or none (put forward)
   */
  times(wallMs: number): readonly number[] {
    const day = Math.floor(wallMs / DAY_MS);
    let offset = this.#quietDays.get(day);
    if (offset === undefined) {
      offset = this.#offsetOfDay(day);
      this.#quietDays.set(day, offset);
    }
    if (offset !== null) return [wallMs - offset * MINUTE_MS];
    const candidates = [this.#offset(wallMs - DAY_MS), this.#offset(wallMs + DAY_MS)]
      .map((minutes) => ({ minutes, ms: wallMs - minutes * MINUTE_MS }))
      .filter(({ minutes, ms }) => this.#offset(ms) === minutes)
      .map(({ ms }) => ms);
    return [...new Set(candidates)].sort((a, b) => a - b);
  }

  /** A time that the clock left out, as much later as it was put forward: 02:30 → 03:30. */
  shifted(wallMs: number): number {
    return wallMs - this.#offset(wallMs - DAY_MS) * MINUTE_MS;
  }

  #offset(ms: number): number {
    return this.#zone.offset(ms);
  }

  /** No zone is more than a day from UTC, and none changes its offset twice within three days. */
  #offsetOfDay(day: number): number | null {
    const before = this.#offset((day - 1) * DAY_MS);
    return before === this.#offset((day + 2) * DAY_MS) ? before : null;
  }
}
