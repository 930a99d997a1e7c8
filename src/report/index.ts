/** Self-contained HTML reports: text, tables and charts, no scripts and nothing from the network; diagrams as SVG. */

export { type BandChartOptions, bandChart } from './band-chart.js';
export { type Bar, type BarChartOptions, barChart, type HistogramOptions, histogramChart } from './bar-chart.js';
export {
  type Cell,
  code,
  columns,
  facts,
  figure,
  type KeyFigure,
  keyFigures,
  paragraph,
  type TableOptions,
  table,
} from './blocks.js';
export { type ConfusionChartOptions, confusionChart } from './confusion-chart.js';
export { type Diagram, type DiagramArrow, type DiagramBox, diagramSvg, type Tone } from './diagram.js';
export { formatClock, formatFigure } from './format.js';
export { Html } from './html.js';
export { type Axis, type LineChartOptions, lineChart, prChart, rocChart, type Series } from './line-chart.js';
export { type ReportPage, reportPage, type Section, writeReport } from './page.js';
export { type SpectrogramBox, type SpectrogramOptions, spectrogram } from './spectrogram.js';
export { type SpectrogramData, spectrogramPng } from './spectrogram-image.js';
export { type TimelineOptions, type TimelineRow, timeline } from './timeline.js';
export type { Track } from './track.js';
