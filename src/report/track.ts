/** A curve over the time of a recording, drawn below its picture on the same axis. */
import { SERIES_COLOURS } from './chart.js';

export interface Track {
  /** Title of the curve's own axis. */
  readonly name: string;
  readonly values: Float32Array;
  /** Time of the first value. */
  readonly startSec: number;
  readonly stepSec: number;
  /** A line at the value from which on it counts. */
  readonly threshold?: number;
  /** Default: as the values ask for. */
  readonly domain?: readonly [number, number];
}

export interface TrackPlace {
  /** Pixels of the plot. */
  readonly width: number;
  readonly height: number;
  /** Encoding of time, without its field. */
  readonly x: object;
  /** Title of the time axis; null where another plot below has it. */
  readonly timeTitle: string | null;
}

/** Room between a picture and the curves below it. */
export const TRACK_SPACING = 14;

/** A Vega-Lite view of one curve; long ones keep their peaks. */
export function trackView(track: Track, { width, height, x, timeTitle }: TrackPlace) {
  const points = peaks(track.values, width).map(({ at, value }) => ({
    sec: track.startSec + at * track.stepSec,
    value,
  }));
  const scale = track.domain && { scale: { domain: [...track.domain], nice: false } };
  const thresholds = track.threshold === undefined ? [] : [{ threshold: track.threshold }];
  return {
    width,
    height,
    layer: [
      {
        data: { values: points },
        mark: {
          type: 'area' as const,
          color: SERIES_COLOURS[0]!,
          fillOpacity: 0.25,
          line: { strokeWidth: 1.2, color: SERIES_COLOURS[0]! },
          clip: true,
        },
        encoding: {
          x: {
            ...x,
            field: 'sec',
            type: 'quantitative' as const,
            axis: { title: timeTitle, labels: timeTitle !== null, grid: true },
          },
          y: { field: 'value', type: 'quantitative' as const, axis: { title: track.name, tickCount: 3 }, ...scale },
        },
      },
      {
        data: { values: thresholds },
        mark: { type: 'rule' as const, strokeDash: [4, 3], opacity: 0.7, color: 'currentColor' },
        encoding: { y: { field: 'threshold', type: 'quantitative' as const } },
      },
    ],
  };
}

/** At most two values per pixel: the largest of each bucket, so that no peak is lost. */
function peaks(values: Float32Array, width: number): { at: number; value: number }[] {
  const bucket = Math.max(1, Math.ceil(values.length / (2 * width)));
  const points: { at: number; value: number }[] = [];
  for (let first = 0; first < values.length; first += bucket) {
    let at = first;
    for (let i = first + 1; i < Math.min(values.length, first + bucket); i++) if (values[i]! > values[at]!) at = i;
    points.push({ at, value: values[at]! });
  }
  return points;
}
