/** Files that appear whole or not at all, and whether they are there. */
export { isUnfinished, publish, replaceFile, UNFINISHED, writeSynced, writing } from './atomic-file.js';
export { decodeSafetensors, encodeSafetensors, type FloatTensors } from './safetensors.js';
export { statOrNull } from './stat-or-null.js';
