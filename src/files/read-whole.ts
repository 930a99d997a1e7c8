import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';

/**
 * All bytes of a file. `readFile` of `node:fs/promises` takes a read that gives less than it asked for as the end of the file
 * (Node.js 20), and that is how a broken disk begins: half a table would pass for all of it.
 *
 * @throws the system's error, also one in the middle of the file
 */
export function readWhole(path: string): Promise<Buffer> {
  return buffer(createReadStream(path));
}
