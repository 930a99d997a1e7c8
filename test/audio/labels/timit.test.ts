import { describe, expect, it } from 'vitest';
import { parseTimit } from '../../../src/audio/index.js';

const PHONES = '0 2260 h#\n2260 4149 sh\n4149 5265 iy\n\n5265 6480 hv\n';

describe('TIMIT', () => {
  it('counts samples of the recording', () => {
    expect(parseTimit(PHONES, 16_000, 'SA1.PHN')).toEqual([
      { startSec: 0, endSec: 2260 / 16_000, label: 'h#' },
      { startSec: 2260 / 16_000, endSec: 4149 / 16_000, label: 'sh' },
      { startSec: 4149 / 16_000, endSec: 5265 / 16_000, label: 'iy' },
      { startSec: 5265 / 16_000, endSec: 6480 / 16_000, label: 'hv' },
    ]);
    expect(parseTimit(PHONES, 8000, 'SA1.PHN')[1]!.startSec).toBe(2260 / 8000);
  });

  it('has sentences of several words, and Windows line ends', () => {
    const text = '0 46797 A line of our own, said once.\r\n';
    expect(parseTimit(text, 16_000, 'x.TXT')).toEqual([
      { startSec: 0, endSec: 46_797 / 16_000, label: 'A line of our own, said once.' },
    ]);
  });

  it.each([
    ['0 10 a\n10 b 20', 2, 'got "10 b 20"'],
    ['0.5 1.5 a', 1, 'its first sample, its end and a word'],
    ['0 10', 1, 'got "0 10"'],
    ['\n20 10 a', 2, 'the end must be at or after the start (20), got 10'],
  ])('%j is refused by file and line', (text, line, message) => {
    const parse = () => parseTimit(text, 16_000, 'SA1.PHN');
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ code: 'ERR_LABELS', details: { line } }));
    expect(parse).toThrow(`SA1.PHN:${line}: `);
  });

  it.each([0, -1, Number.NaN])('needs a rate, and %d is none', (sampleRate) => {
    expect(() => parseTimit(PHONES, sampleRate, 'x')).toThrow(expect.objectContaining({ code: 'ERR_SAMPLE_RATE' }));
  });
});
