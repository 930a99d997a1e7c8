/** Files that say what is heard when, in each of the formats that corpora have. */
export { formatLabels, parseLabels, readLabels, writeLabels } from './audacity.js';
export type { LabelEncoding } from './label-text.js';
export { parseRttm, type RttmTurn, type RttmTurns, readRttm } from './rttm.js';
export {
  firstIntervalTier,
  parseTextGrid,
  readTextGrid,
  type TextGrid,
  type TextGridTier,
  tierOf,
} from './textgrid.js';
export { formatTextGrid, writeTextGrid } from './textgrid-write.js';
export { parseTimit, readTimit } from './timit.js';
