/** Recordings to PCM in memory and back, and label files. No feature knows about files. */
export { isAudioPath } from './extensions.js';
export { formatLabels, parseLabels, readLabels, writeLabels } from './labels.js';
export { checkFinite, pcmView, toFloat, toInterleavedFloat } from './pcm.js';
export { type ReadOptions, readAudio } from './read.js';
export { resample } from './resample.js';
export { writeAudio } from './write.js';
