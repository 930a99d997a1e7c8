import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatLabels, parseLabels, readLabels, writeLabels } from '../../../src/audio/index.js';
import { temporaryFolder } from '../signals.js';

const folder = temporaryFolder();

describe('Audacity labels', () => {
  it('come back as they were written', async () => {
    const path = join(folder, 'labels.txt');
    const intervals = [
      { startSec: 0, endSec: 0.5, label: 'beep sequence' },
      { startSec: 1.25, endSec: 1.25, label: '' },
      { startSec: 3600.123456, endSec: 3601, label: 'größer' },
    ];
    await writeLabels(path, intervals);
    expect(await readLabels(path)).toEqual(intervals);
    expect(readFileSync(path, 'utf8')).toBe(
      '0.000000\t0.500000\tbeep sequence\n1.250000\t1.250000\t\n3600.123456\t3601.000000\tgrößer\n',
    );
  });

  it('are read with frequency ranges, blank lines, a byte order mark and Windows line ends', () => {
    const text = '\uFEFF1.0\t2.5\ta\r\n\\\t100.0\t4000.0\r\n\r\n3\t4\r\n';
    expect(parseLabels(text, 'x')).toEqual([
      { startSec: 1, endSec: 2.5, label: 'a' },
      { startSec: 3, endSec: 4, label: '' },
    ]);
  });

  it.each([
    ['1.0\t2.0\ta\nhello', 2, 'got "hello"'],
    ['1,5\t2,5\ta', 1, 'with times in seconds'],
    ['1.0', 1, 'start<TAB>end<TAB>label'],
    ['0\t1\ta\n\n2.0\t1.0\tb', 3, 'at or after the start (2), got 1'],
    ['-1\t1\ta', 1, 'times in seconds'],
    ['nan\t1\ta', 1, 'times in seconds'],
  ])('%j is refused by file and line', async (text, line, reason) => {
    const path = join(folder, 'bad.txt');
    writeFileSync(path, text);
    await expect(readLabels(path)).rejects.toMatchObject({
      code: 'ERR_LABELS',
      message: expect.stringContaining(`${path}:${line}: `),
      details: { line },
    });
    await expect(readLabels(path)).rejects.toThrow(reason);
  });

  it('name a missing file, a folder they cannot be written to, and what cannot be a label', async () => {
    const missing = join(folder, 'missing.txt');
    await expect(readLabels(missing)).rejects.toMatchObject({
      code: 'ERR_LABELS',
      message: expect.stringContaining(missing),
    });
    await expect(writeLabels(join(folder, 'no', 'a.txt'), [])).rejects.toMatchObject({ code: 'ERR_WRITE' });
    expect(() => formatLabels([{ startSec: 0, endSec: 1, label: 'a\tb' }])).toThrow('without tabs');
    expect(() => formatLabels([{ startSec: 2, endSec: 1, label: 'a' }])).toThrow('intervals[0] must be');
  });
});
