import { libraryVersion } from '../packages.js';
import type { OnnxModel } from './proto.js';

/** What files say they were made by. */
export function producer(): OnnxModel['producer'] {
  return { name: 'cochlea', version: libraryVersion() };
}
