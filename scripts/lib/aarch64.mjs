/** A compiler for AArch64 and a program that runs what it makes, on machines of another kind. */
import { capture } from './run.mjs';

export const COMPILER = 'aarch64-linux-gnu-g++';
const EMULATORS = ['qemu-aarch64', 'qemu-aarch64-static'];

/** @returns {import('./requirements.mjs').Finding[]} */
export function inspectCrossTools() {
  const compiler = capture(COMPILER, ['--version']);
  const emulator = emulatorHere();
  return [
    {
      key: 'aarch64-compiler',
      name: 'C++ compiler for AArch64',
      found: compiler.ok ? (compiler.output.split('\n', 1)[0] ?? '') : null,
      problem: compiler.ok ? null : `${COMPILER} is not on the PATH`,
    },
    {
      key: 'qemu-user',
      name: 'QEMU for AArch64 programs',
      found: emulator,
      problem: emulator === null ? `none of ${EMULATORS.join(', ')} is on the PATH` : null,
    },
  ];
}

/** @returns {string | null} the first emulator that answers */
export function emulatorHere() {
  return EMULATORS.find((name) => capture(name, ['--version']).ok) ?? null;
}
