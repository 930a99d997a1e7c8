import { extname } from 'node:path';

/** File names that corpora are searched for. Reading itself goes by content, so another name still reads. */
const EXTENSIONS: ReadonlySet<string> = new Set([
  ...['.wav', '.wave', '.bwf', '.rf64', '.w64', '.rifx'],
  ...['.flac', '.ogg', '.oga', '.opus', '.mp3', '.mp2'],
  ...['.aif', '.aiff', '.aifc', '.au', '.snd', '.caf', '.sph', '.nist', '.voc'],
]);

/** Whether a file's name says that it is a recording in a format this build reads; upper and lower case alike. */
export function isAudioPath(name: string): boolean {
  return EXTENSIONS.has(extname(name).toLowerCase());
}
