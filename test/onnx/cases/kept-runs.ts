/** Files with one run of each, in the folder that `COCHLEA_ONNX_FILES` names, for the runtimes of `npm run test:onnx`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface KeptValue {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Whole numbers, which a file takes as int32. */
  readonly isInteger?: boolean;
}

export interface KeptRun {
  readonly title: string;
  readonly inputs: readonly KeptValue[];
  readonly outputs: readonly KeptValue[];
  /** How far another runtime's outputs may be off. */
  readonly tolerance: number;
}

/** Keeps a file and its run where a folder is named; otherwise does nothing. */
export function keepRun(name: string, bytes: Uint8Array, run: () => KeptRun): void {
  const folder = process.env.COCHLEA_ONNX_FILES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  const { title, inputs, outputs, tolerance } = run();
  const stored = ({ shape, data, isInteger = false }: KeptValue) => {
    const bytesOf = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    return { shape, isInteger, data: bytesOf.toString('base64') };
  };
  writeFileSync(join(folder, `${name}.onnx`), bytes);
  const text = JSON.stringify({ title, tolerance, inputs: inputs.map(stored), outputs: outputs.map(stored) });
  writeFileSync(join(folder, `${name}.json`), text);
}
