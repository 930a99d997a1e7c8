/** Files that appear whole or not at all, whether they are there, and formats that know nothing of sound. */
export {
  isUnfinished,
  publish,
  replaceFile,
  replaceLines,
  syncFile,
  UNFINISHED,
  writeSynced,
  writing,
  writingSync,
} from './atomic-file.js';
export { type CsvRow, type CsvTable, readCsv } from './csv.js';
export { type Line, readLines } from './lines.js';
export { isReadableName, nameBytes, nameFromBytes, pathOnDisk, shownName, UNREADABLE_NAME } from './raw-name.js';
export { readMemory } from './read-memory.js';
export { readWhole } from './read-whole.js';
export { decodeSafetensors, encodeSafetensors, type FloatTensors } from './safetensors.js';
export { statEach } from './stat-each.js';
export { statOrNull } from './stat-or-null.js';
