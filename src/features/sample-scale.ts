import type { OptionReader } from '../spec/index.js';

/** How large a sample of a 16-bit recording is. */
export interface SampleScaleOption {
  /** `'unit'`: in [−1, 1). `'int16'`: the 16-bit number, 32768 times that. Default as the preset's original has it. */
  readonly sampleScale?: 'unit' | 'int16';
}

const INT16_SCALE = 32_768;

/** What samples in [−1, 1) are multiplied by. */
export function readSampleScale(read: OptionReader, fallback: 'unit' | 'int16'): number {
  return read.choice('sampleScale', fallback, ['unit', 'int16']) === 'int16' ? INT16_SCALE : 1;
}
