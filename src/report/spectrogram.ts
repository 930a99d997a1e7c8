/** A recording's spectrogram with boxes over what was found and what was there. */
import type { Interval } from '../types.js';
import { figure } from './blocks.js';
import { drawChart } from './chart.js';
import type { Html } from './html.js';
import { type SpectrogramData, spectrogramPng } from './spectrogram-image.js';
import { TRACK_SPACING, type Track, trackView } from './track.js';

export interface SpectrogramBox extends Interval {
  /** Names the legend entry and decides the colour. */
  readonly group: string;
  /** Default the whole height. */
  readonly lowHz?: number;
  readonly highHz?: number;
}

export interface SpectrogramOptions extends SpectrogramData {
  readonly title: string;
  /** Time of the first frame's left edge and of the last frame's right edge. */
  readonly startSec: number;
  readonly endSec: number;
  /** Frequency of the lowest and the highest bin. */
  readonly lowHz: number;
  readonly highHz: number;
  readonly boxes: readonly SpectrogramBox[];
  /** Curves below the picture, on its time axis. */
  readonly tracks?: readonly Track[];
  readonly note?: string;
  /** Default 80. */
  readonly rangeDb?: number;
  /** Pixels of the plot; default 1040 × 300. */
  readonly width?: number;
  readonly height?: number;
}

/** Bright enough for the dark picture, dark enough for a legend on white. */
const BOX_COLOURS = ['#7ac70c', '#19b5cf', '#f06cb0', '#5b9cff', '#d9a300'];
/** Pixels of the image per pixel of the plot, for dense screens. */
const DENSITY = 1.25;
const DEFAULT_RANGE_DB = 80;
const TRACK_HEIGHT = 70;

/** @throws ParameterError `ERR_SHAPE` where `db` has not `nFrames · nBins` values */
export async function spectrogram(o: SpectrogramOptions): Promise<Html> {
  const width = o.width ?? 1040;
  const height = o.height ?? 300;
  const png = spectrogramPng(o, {
    maxWidth: Math.round(width * DENSITY),
    maxHeight: Math.round(height * DENSITY),
    rangeDb: o.rangeDb ?? DEFAULT_RANGE_DB,
  });
  const groups = [...new Set(o.boxes.map((box) => box.group))];
  const boxes = o.boxes.map(({ startSec, endSec, label, group, lowHz = o.lowHz, highHz = o.highHz }) => {
    return { startSec, endSec, label, group, lowKhz: lowHz / 1000, highKhz: highHz / 1000 };
  });
  const x = { type: 'quantitative' as const, scale: { domain: [o.startSec, o.endSec], nice: false } };
  const y = {
    type: 'quantitative' as const,
    scale: { domain: [o.lowHz / 1000, o.highHz / 1000], nice: false, zero: false },
  };
  const colour = {
    field: 'group',
    type: 'nominal' as const,
    scale: { domain: groups, range: groups.map((_, i) => BOX_COLOURS[i % BOX_COLOURS.length]!) },
    legend: groups.length > 1 ? {} : null,
  };
  const tracks = o.tracks ?? [];
  const time = (last: boolean) => (last ? 'time (s)' : null);
  const axis = { title: time(tracks.length === 0), labels: tracks.length === 0, grid: false };
  const below = tracks.map((track, i) =>
    trackView(track, { width, height: TRACK_HEIGHT, x, timeTitle: time(i === tracks.length - 1) }),
  );
  const chart = await drawChart({
    spacing: TRACK_SPACING,
    vconcat: [
      {
        width,
        height,
        layer: [
          {
            data: { values: [{ url: `data:image/png;base64,${Buffer.from(png).toString('base64')}` }] },
            mark: { type: 'image', width, height, aspect: false, align: 'left', baseline: 'top', aria: false },
            encoding: { x: { value: 0 }, y: { value: 0 }, url: { field: 'url', type: 'nominal' } },
          },
          {
            data: { values: boxes },
            mark: { type: 'rect', filled: false, strokeWidth: 2, clip: true },
            encoding: {
              x: { ...x, field: 'startSec', axis },
              x2: { field: 'endSec' },
              y: { ...y, field: 'lowKhz', axis: { title: 'frequency (kHz)', grid: false, tickCount: 5 } },
              y2: { field: 'highKhz' },
              stroke: colour,
            },
          },
          {
            data: { values: boxes },
            mark: {
              type: 'text',
              align: 'left',
              baseline: 'bottom',
              dx: 2,
              dy: -3,
              fontSize: 11,
              fontWeight: 600,
              clip: true,
            },
            encoding: {
              x: { ...x, field: 'startSec' },
              y: { ...y, field: 'highKhz' },
              text: { field: 'label', type: 'nominal' },
              color: colour,
            },
          },
        ],
      },
      ...below,
    ],
  });
  return figure(o.title, chart, o.note);
}
