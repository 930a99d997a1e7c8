/** Vega-Lite specifications to inline SVG, in the page's own colours. */
import { type LoggerInterface, parse, View } from 'vega';
import { type Config, compile, type TopLevelSpec } from 'vega-lite';
import { Html } from './html.js';

/** Middle tones that read on white and on near-black. */
export const SERIES_COLOURS = ['#3b82f6', '#f97316', '#10b981', '#e11d74', '#8b5cf6', '#b08900', '#0ea5b7', '#94633f'];

/** Reference lines such as chance. */
export const REFERENCE_COLOUR = '#8a94a0';

/** `currentColor` in SVG is the text colour of the page, light or dark. */
const INK = 'currentColor';
const FAINT = 0.18;

const CONFIG: Config = {
  background: 'transparent',
  font: 'inherit',
  view: { stroke: null },
  range: { category: SERIES_COLOURS },
  axis: {
    labelColor: INK,
    titleColor: INK,
    labelOpacity: 0.75,
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 12,
    gridColor: INK,
    gridOpacity: FAINT,
    domainColor: INK,
    domainOpacity: 0.4,
    tickColor: INK,
    tickOpacity: 0.4,
  },
  legend: { labelColor: INK, titleColor: INK, labelFontSize: 11.5, orient: 'top', title: null, symbolStrokeWidth: 3 },
  text: { color: INK, fontSize: 12 },
};

/** Vega-Lite's hints are for whoever writes a chart; a library prints nothing. */
const QUIET: LoggerInterface = {
  level: () => QUIET,
  error: () => QUIET,
  warn: () => QUIET,
  info: () => QUIET,
  debug: () => QUIET,
} as LoggerInterface;

/** Compiles and draws a chart without a browser; `width` and `height` are pixels of the plot area. */
export async function drawChart(spec: TopLevelSpec): Promise<Html> {
  const { spec: compiled } = compile(spec, { config: CONFIG, logger: QUIET });
  const view = new View(parse(compiled), { renderer: 'none' });
  try {
    return new Html(await view.toSVG());
  } finally {
    view.finalize();
  }
}
