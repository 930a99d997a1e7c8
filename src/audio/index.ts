/** Recordings to PCM in memory and back, and label files. No feature knows about files. */
export { isAudioPath } from './extensions.js';
export { FloatBuffer } from './float-buffer.js';
export { formatLabels, parseLabels, readLabels, writeLabels } from './labels.js';
export type { OpenOptions, ReadOptions } from './options.js';
export { checkFinite, pcmView, toFloat, toInterleavedFloat } from './pcm.js';
export { readAudio } from './read.js';
export { type AudioReader, openAudio } from './reader.js';
export { WavReader } from './wav-reader.js';
export { writeAudio } from './write.js';
