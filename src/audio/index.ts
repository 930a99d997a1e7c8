/** Recordings to PCM in memory and back, and label files. No feature knows about files. */

export { ClipReader } from './clip-reader.js';
export { isAudioPath } from './extensions.js';
export { FloatBuffer } from './float-buffer.js';
export {
  firstIntervalTier,
  formatLabels,
  formatTextGrid,
  parseLabels,
  parseRttm,
  parseTextGrid,
  parseTimit,
  type RttmTurn,
  type RttmTurns,
  readLabels,
  readRttm,
  readTextGrid,
  readTimit,
  type TextGrid,
  type TextGridTier,
  tierOf,
  writeLabels,
  writeTextGrid,
} from './labels/index.js';
export type { OpenOptions, ReadOptions } from './options.js';
export { checkFinite, pcmView, toFloat, toInterleavedFloat } from './pcm.js';
export { readAudio } from './read.js';
export { type AudioReader, openAudio } from './reader.js';
export { writeAudio } from './write.js';
