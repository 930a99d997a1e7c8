/** Files that appear whole or not at all. */
export { isUnfinished, publish, replaceFile, UNFINISHED, writeSynced, writing } from './atomic-file.js';
