/** Numbers in docs/beep-sequence.md are those of the recipe. */
import { expect, it } from 'vitest';
import { sequenceLstm } from '../../src/model/index.js';
import { HARD_KINDS } from '../../src/recipes/beep-sequence/corpus/events.js';
import { DEFAULT_SEED, planCorpus, SNRS_DB } from '../../src/recipes/beep-sequence/corpus/plan.js';
import { PARTS } from '../../src/recipes/beep-sequence/corpus/sources.js';
import { DECIMATE, pipelineSpec, WINDOW_VALUES } from '../../src/recipes/beep-sequence/pipeline-spec.js';
import { SEED_MIN_ONES, UNSCORED_CUT_SEC } from '../../src/recipes/beep-sequence/targets.js';
import { codeIn, readDocument, sectionOf, tableRows } from './markdown.js';

const document = readDocument('docs/beep-sequence.md').replaceAll('\n', ' ');
const corpusRows = tableRows(sectionOf(readDocument('docs/beep-sequence.md'), '## Corpus'));

it('says what the full corpus holds', () => {
  const plan = planCorpus(DEFAULT_SEED, 'full');
  const planned = PARTS.map((part) => {
    const files = plan.filter((file) => file.part === part);
    const minutes = files.reduce((sum, { durationSec }) => sum + durationSec, 0) / 60;
    const kinds = files.flatMap(({ events }) => events.map(({ kind }) => kind));
    const sequences = kinds.filter((kind) => kind === 'sequence').length;
    return [part, files.length, minutes, sequences, kinds.length - sequences].map(String);
  });
  expect(corpusRows.slice(0, PARTS.length).map((row) => row.slice(0, 5))).toEqual(planned);
});

it('lists the kinds of hard negatives and the levels', () => {
  expect(corpusRows.slice(PARTS.length).map(([kind = '']) => codeIn(kind)[0])).toEqual([...HARD_KINDS]);
  const levels = SNRS_DB.map((snr) => String(snr).replace('-', '−'));
  expect(document).toContain(`${levels.slice(0, -1).join(', ')} or ${levels.at(-1)} dB`);
});

it('describes the chain of stages', () => {
  const normalize = { kind: 'none' } as const;
  const spec = pipelineSpec({ normalize, toneThreshold: 0.5, threshold: 0.5, chosenBy: 'test' });
  const { features, audio } = spec;
  expect(audio.sampleRate).toBe(16_000);
  expect(features).toMatchObject({
    kind: 'stft',
    nFft: 2400,
    hopLength: 80,
    window: 'blackman',
    fMin: 3000,
    fMax: 5000,
  });
  expect(features.windowSymmetry).toBe('symmetric');
  expect(document).toContain('windows of 2400 samples (150 ms), symmetric Blackman, every 80 samples (5 ms)');
  expect(document).toContain(`**Every ${DECIMATE}th.**`);
  expect(document).toContain(`**Windows of ${WINDOW_VALUES} values**`);
  expect(document).toContain(`at least ${SEED_MIN_ONES} of its ${WINDOW_VALUES} values`);
  expect(document).toContain(`less than ${UNSCORED_CUT_SEC * 1000} ms off a sequence`);
  expect(document).toContain(`${sequenceLstm().countParams().toLocaleString('en').replace(',', ' ')} parameters`);
});
