/** Bochs, which computes AVX-512 on any machine, booted from a disc without keyboard or screen. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { capture } from './run.mjs';

const BIOS = '/usr/share/bochs/BIOS-bochs-latest';
const VIDEO_BIOS = '/usr/share/bochs/VGABIOS-lgpl-latest';
const POLL_MS = 500;

/** @returns {import('./requirements.mjs').Finding[]} */
export function inspectBochs() {
  const file = (/** @type {string} */ key, /** @type {string} */ name, /** @type {string} */ path) => ({
    key,
    name,
    found: existsSync(path) ? path : null,
    problem: existsSync(path) ? null : `${path} is missing`,
  });
  const xorriso = capture('xorriso', ['--version']).found;
  return [
    file('bochs', 'Bochs', '/usr/bin/bochs'),
    file('bochs-bios', 'BIOS of Bochs', BIOS),
    file('bochs', 'video BIOS of Bochs', VIDEO_BIOS),
    file('isolinux', 'ISOLINUX', '/usr/lib/ISOLINUX/isolinux.bin'),
    file('syslinux', 'modules of SYSLINUX', '/usr/lib/syslinux/modules/bios/ldlinux.c32'),
    { key: 'xorriso', name: 'xorriso', found: 'xorriso', problem: xorriso ? null : 'xorriso is not on the PATH' },
  ];
}

/**
 * Boots `disc` on a processor with AVX-512 and reads its serial line until `finished` holds of what came.
 * @param {{ folder: string, disc: string, limitSec: number, finished: (text: string) => boolean }} what
 * @returns {Promise<{ text: string, ended: boolean }>} `ended` is false where the time was up or Bochs stopped before
 */
export async function bootOnBochs({ folder, disc, limitSec, finished }) {
  const serial = `${folder}/serial.txt`;
  const config = `${folder}/bochsrc`;
  const lines = [
    'display_library: rfb, options="timeout=0"',
    'megs: 512',
    `romimage: file=${BIOS}`,
    `vgaromimage: file=${VIDEO_BIOS}`,
    'cpu: model=corei7_skylake_x, count=1, ips=100000000, reset_on_triple_fault=0',
    'clock: sync=none',
    'ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14',
    `ata0-master: type=cdrom, path=${disc}, status=inserted`,
    'boot: cdrom',
    `com1: enabled=1, mode=file, dev=${serial}`,
    `log: ${folder}/bochs.log`,
    'panic: action=fatal',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  writeFileSync(serial, '');
  // Debian's Bochs has its debugger built in, which waits to be told to go on.
  const orders = `${folder}/orders`;
  writeFileSync(orders, 'continue\n');
  const bochs = spawn('bochs', ['-q', '-f', config, '-rc', orders], { stdio: 'ignore' });
  const gone = new Promise((resolve) => bochs.once('close', () => resolve(true)));
  const read = () => readFileSync(serial, 'latin1').replaceAll('\r', '');
  const until = Date.now() + 1000 * limitSec;
  try {
    while (Date.now() < until && !finished(read())) {
      if (await Promise.race([gone, sleep(POLL_MS, false)])) break;
    }
    return { text: read(), ended: finished(read()) };
  } finally {
    bochs.kill('SIGKILL');
  }
}
