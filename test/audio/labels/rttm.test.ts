import { describe, expect, it } from 'vitest';
import { parseRttm } from '../../../src/audio/index.js';
import { GOLDEN } from './golden-labels.js';

describe('RTTM', () => {
  it('of pyannote.core is read, each recording by itself', () => {
    const { text, turns } = GOLDEN.rttm;
    const read = parseRttm(text, 'x.rttm');
    expect([...read.keys()]).toEqual(Object.keys(turns));
    for (const [file, expected] of Object.entries(turns)) {
      const got = read.get(file)!;
      expect(got.map(({ label, channel }) => [label, channel])).toEqual(expected.map(({ label }) => [label, 1]));
      // Onset and duration are written in milliseconds, and their sum is a float.
      const times = got.flatMap(({ startSec, endSec }) => [startSec, endSec]);
      expected
        .flatMap(({ startSec, endSec }) => [startSec, endSec])
        .forEach((time, i) => {
          expect(times[i]).toBeCloseTo(time, 9);
        });
    }
  });

  it('has nine or ten fields, comments, lines of other kinds, and channels by number or letter', () => {
    const text = [
      '\ufeff;; a comment',
      'SPKR-INFO quiet 1 <NA> <NA> <NA> unknown anna <NA>',
      'SPEAKER\tcall 2   .5 1e0 <NA> <NA> anna <NA>\r',
      'LEXEME call 1 0.5 0.2 hallo lex anna 0.9 <NA>',
      'SPEAKER call B 2 1 <NA> <NA> <NA> <NA> <NA>',
      'SPEAKER call <NA> 3 0 <NA> <NA> bert <NA> <NA>',
    ].join('\n');
    expect([...parseRttm(text, 'x')]).toEqual([
      ['quiet', []],
      [
        'call',
        [
          { startSec: 0.5, endSec: 1.5, label: 'anna', channel: 2 },
          { startSec: 2, endSec: 3, label: '', channel: 2 },
          { startSec: 3, endSec: 3, label: 'bert', channel: null },
        ],
      ],
    ]);
  });

  it.each([
    ['SPEAKER a 1 0 1 <NA> <NA> x', '9 or 10 fields, got 8'],
    ['SPEAKER a 1 0 1 <NA> <NA> x y <NA> <NA> <NA>', '9 or 10 fields, got 12'],
    ['SPOKEN a 1 0 1 <NA> <NA> x <NA> <NA>', 'its type must be one of SEGMENT'],
    ['SPEAKER a 0 0 1 <NA> <NA> x <NA> <NA>', 'the channel must be a number from 1'],
    ['SPEAKER a 1 <NA> 1 <NA> <NA> x <NA> <NA>', 'the onset must be seconds from 0, got "<NA>"'],
    ['SPEAKER a 1 0 -1 <NA> <NA> x <NA> <NA>', 'the duration must be seconds from 0, got "-1"'],
  ])('%s is refused by file and line', (line, message) => {
    const parse = () => parseRttm(`;;\n${line}\n`, 'x.rttm');
    expect(parse).toThrow(`x.rttm:2: `);
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ code: 'ERR_LABELS', details: { line: 2 } }));
  });
});
