/** A disc that boots Linux with one static program as everything there is. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture, SetupError } from './run.mjs';

const ISOLINUX = ['/usr/lib/ISOLINUX/isolinux.bin', '/usr/lib/syslinux/modules/bios/ldlinux.c32'];
const REGULAR_FILE = 0o100755;
const CHARACTER_DEVICE = 0o020600;
const DIRECTORY = 0o040755;

/**
 * One entry of a cpio archive in the format "newc": thirteen numbers of eight hexadecimal digits, name, content, each
 * padded to four bytes (kernel documentation, `driver-api/early-userspace/buffer-format`).
 * @param {{ name: string, mode: number, device?: [number, number], content?: Buffer }} entry
 */
function cpioEntry({ name, mode, device = [0, 0], content = Buffer.alloc(0) }) {
  const numbers = [0, mode, 0, 0, 1, 0, content.length, 0, 0, ...device, name.length + 1, 0];
  const header = `070701${numbers.map((n) => n.toString(16).padStart(8, '0')).join('')}${name}\0`;
  const padded = (/** @type {Buffer} */ bytes) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  return Buffer.concat([padded(Buffer.from(header, 'latin1')), padded(content)]);
}

/**
 * @param {string} program a static one: it becomes /init
 * @returns {Buffer} an initial RAM file system with a console for it to write to
 */
export function initialFiles(program) {
  return Buffer.concat(
    [
      { name: 'dev', mode: DIRECTORY },
      { name: 'dev/console', mode: CHARACTER_DEVICE, device: /** @type {[number, number]} */ ([5, 1]) },
      { name: 'init', mode: REGULAR_FILE, content: readFileSync(program) },
      { name: 'TRAILER!!!', mode: 0 },
    ].map(cpioEntry),
  );
}

/**
 * @param {{ folder: string, kernel: string, program: string, args: string[] }} what `folder` is made anew
 * @returns {string} the disc, an ISO 9660 image that starts by El Torito
 */
export function makeBootDisc({ folder, kernel, program, args }) {
  const tree = join(folder, 'disc');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  for (const file of ISOLINUX) copyFileSync(file, join(tree, file.slice(file.lastIndexOf('/') + 1)));
  copyFileSync(kernel, join(tree, 'linux'));
  writeFileSync(join(tree, 'files'), initialFiles(program));
  // Lines of the kernel itself are left out; after two dashes all words go to the program.
  // Bochs 2.7 gives XSAVEC and XSAVES (321, 323) sizes that Linux takes for wrong, and then does without AVX at all.
  const quirks = ['noxsaves', 'clearcpuid=321,323'];
  const words = ['console=ttyS0', 'loglevel=1', 'mitigations=off', ...quirks, '--', ...args];
  writeFileSync(
    join(tree, 'isolinux.cfg'),
    `default test\nprompt 0\nlabel test\n  kernel linux\n  initrd files\n  append ${words.join(' ')}\n`,
  );
  const disc = join(folder, 'disc.iso');
  const boot = ['-b', 'isolinux.bin', '-c', 'boot.cat', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table'];
  const made = capture('xorriso', ['-as', 'mkisofs', '-quiet', '-o', disc, ...boot, tree]);
  if (!made.ok) throw new SetupError(`xorriso failed:\n${made.output}`);
  return disc;
}
