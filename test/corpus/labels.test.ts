/** Rules for labels: what each finds in a corpus of its layout, and what it says where there is nothing to find. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAudio } from '../../src/audio/index.js';
import {
  intervalsOf,
  type LabelRule,
  type LabelSource,
  labeller,
  labelOf,
  type Recording,
} from '../../src/corpus/index.js';
import { clipIntervals } from '../../src/corpus/label-files.js';
import type { Interval } from '../../src/types.js';
import { bytesOf, GOLDEN, goldenGrid } from '../audio/labels/golden-labels.js';
import { put, temporaryFolder, toneWav } from './wav.js';

const recordingOf = (path: string, more: Partial<Recording> = {}): Recording => ({
  id: path,
  path,
  bytes: 1,
  mtimeMs: 1,
  ...more,
});
const span = (startSec: number, endSec: number, label: string): Interval => ({ startSec, endSec, label });
const words = (intervals: readonly Interval[]) => intervals.map(({ label }) => label);

/** As the extraction does it: the plan goes through JSON to the worker, which knows the rate. */
async function labelsOf(recording: Recording, rule: LabelRule, root: string, sampleRate?: number) {
  const source: LabelSource = JSON.parse(JSON.stringify(await labelOf(recording, rule, root)));
  return intervalsOf({ ...recording, ...source }, root, sampleRate);
}

describe('machine sounds are labelled by their names', () => {
  const named = async (rule: LabelRule, path: string, root = '/data') => {
    const { label, group, fault } = await labelOf(recordingOf(path), rule, root);
    return fault === undefined ? [label, group] : fault;
  };

  it.each([
    ['6_dB_fan/fan/id_00/normal/00000000.wav', ['normal', 'fan/id_00']],
    ['-6_dB_pump/pump/id_06/abnormal/00000142.wav', ['abnormal', 'pump/id_06']],
    ['fan/id_02/Normal/00000000.wav', /in <machine>\/id_00\/normal or …\/abnormal, got "\/data\/fan/],
    ['fan/normal/00000000.wav', /a recording of MIMII must be/],
  ])('MIMII %s', async (path, expected) => {
    const got = await named('mimii', path);
    if (expected instanceof RegExp) expect(got).toMatch(expected);
    else expect(got).toEqual(expected);
    expect(await named('mimii', 'normal/00000001.wav', '/data/0_dB_fan/fan/id_04')).toEqual(['normal', 'fan/id_04']);
  });

  it.each([
    ['fan/train/normal_id_00_00000000.wav', ['normal', 'fan/id_00']],
    ['ToyCar/test/anomaly_id_03_00000017.wav', ['anomaly', 'ToyCar/id_03']],
    ['fan/test/id_01_00000000.wav', [null, 'fan/id_01']],
    ['gearbox/source_test/section_00_source_test_anomaly_0099.wav', ['anomaly', 'gearbox/section_00']],
    ['fan/train/section_00_target_train_normal_0000_strength_1_ambient.wav', ['normal', 'fan/section_00']],
    ['bearing/test/section_00_source_test_anomaly_0000_vel_16_loc_D.wav', ['anomaly', 'bearing/section_00']],
    ['valve/train/section_02_source_train_normal_0765_noAttribute.wav', ['normal', 'valve/section_02']],
    ['fan/target_test/section_03_target_test_0000.wav', [null, 'fan/section_03']],
    ['bandsaw/test/section_00_0000.wav', [null, 'bandsaw/section_00']],
    ['fan/section_00_0000.flac', [null, 'fan/section_00']],
    ['fan/train/00000000.wav', /a file name of DCASE must be normal_id_00/],
    ['fan/train/abnormal_id_00_00000000.wav', /with normal or anomaly, got "\/data\/fan/],
  ])('DCASE %s', async (path, expected) => {
    const got = await named('dcase', path);
    if (expected instanceof RegExp) expect(got).toMatch(expected);
    else expect(got).toEqual(expected);
  });

  it('where a name does not fit, the recording has an error of its own; a group of the manifest goes first', async () => {
    const wrong = await labelOf(recordingOf('fan/a.wav'), 'dcase', '/data');
    await expect(intervalsOf(wrong, '/data')).rejects.toMatchObject({ code: 'ERR_LABELS', message: wrong.fault });
    const listed = recordingOf('fan/id_00/normal/0.wav', { columns: { group: 'hall-2' } });
    expect(await labelOf(listed, 'mimii', '/data')).toMatchObject({ label: 'normal', group: 'hall-2' });
  });

  it('a member of an archive counts as unpacked where the archive lies', async () => {
    const member = (name: string) => recordingOf('fan/id_00.tar', { member: { name, byteOffset: 512, byteLength: 9 } });
    expect(await labelOf(member('id_00/normal/1.wav'), 'mimii', '/data')).toMatchObject({ group: 'fan/id_00' });
    expect(await labelOf(member('loud/1.wav'), 'parent-folder', '/data')).toMatchObject({ label: 'loud' });
    expect(await labelOf(member('../../../1.wav'), 'audacity', '/data')).toMatchObject({
      sidecar: { path: 'fan/1.txt' },
    });
  });
});

describe('TextGrids', () => {
  const { bytes, grid } = goldenGrid('long UTF-8');
  const spoken = grid.tiers[0]!.intervals.filter(({ label }) => label !== '');

  it('are read beside the recording, one tier, without the silences', async () => {
    const root = await temporaryFolder();
    await put(join(root, 'a/b.TextGrid'), bytes);
    await put(join(root, 'a/c.TEXTGRID'), bytes);
    const read = (rule: LabelRule, path = 'a/b.wav') => labelsOf(recordingOf(path), rule, root);
    expect(await read({ textgrid: { tier: 'woorden' } })).toEqual(spoken);
    expect(await read({ textgrid: { tier: 1 } }, 'a/c.flac')).toEqual(spoken);
    expect(await read({ textgrid: { tier: 4 } })).toEqual(grid.tiers[3]!.intervals);
    expect(await read({ textgrid: { tier: 1, silences: [] } })).toEqual(grid.tiers[0]!.intervals);
    expect(words(await read({ textgrid: { tier: 1, silences: ['', 'één'] } }))).toEqual(words(spoken).slice(1));
    await expect(read('textgrid')).rejects.toThrow(/one of its tiers \(1 "woorden", 2 "fonen", .*\), got "nothing"/);
    await expect(read({ textgrid: { tier: 'words' } })).rejects.toMatchObject({ code: 'ERR_LABELS' });
    await expect(read('textgrid', 'a/d.wav')).rejects.toThrow(/label file must be there .*d\.TextGrid/);
  });

  it('of CGN are Latin-1, packed or not, in a tree of their own, and their first tier counts', async () => {
    const root = await temporaryFolder();
    const cgn = goldenGrid('CGN');
    await put(join(root, 'annot/wrd/comp-o/nl/fn000001.wrd'), cgn.bytes);
    await put(join(root, 'annot/awd/comp-o/nl/fn000001.AWD.GZ'), cgn.bytes);
    const recording = recordingOf('comp-o/nl/fn000001.wav');
    const audio = join(root, 'audio');
    const expected = cgn.grid.tiers[0]!.intervals.filter(({ label }) => label !== '');
    expect(words(expected)).toEqual(['één', 'café.']);
    expect(await labelsOf(recording, { cgn: { folder: '../annot/wrd' } }, audio)).toEqual(expected);
    const awd: LabelRule = { cgn: { folder: join(root, 'annot/awd'), extension: '.awd', tier: 'N00001' } };
    expect(await labelsOf(recording, awd, audio)).toEqual(expected);
    expect((await labelOf(recording, awd, audio)).sidecar!.path).toBe('../annot/awd/comp-o/nl/fn000001.AWD.GZ');
    expect(await labelsOf(recording, { cgn: { folder: '../annot/wrd', tier: 'COMMENT' } }, audio)).toEqual([]);
  });
});

describe('TIMIT', () => {
  /** Its layout and header; the sounds and the phones are ours. */
  async function timit(): Promise<string> {
    const root = await temporaryFolder();
    const head = ['NIST_1A', '   1024', 'sample_count -i 800', 'sample_n_bytes -i 2', 'channel_count -i 1'];
    const more = ['sample_byte_format -s2 01', 'sample_rate -i 16000', 'sample_coding -s3 pcm', 'end_head', ''];
    const header = Buffer.alloc(1024, ' ');
    header.write([...head, ...more].join('\n'), 'latin1');
    const samples = toneWav(800).subarray(44);
    await put(join(root, 'TRAIN/DR1/FABC0/SA1.WAV'), Buffer.concat([header, samples]));
    await put(join(root, 'TRAIN/DR1/FABC0/SA1.PHN'), '0 160 h#\n160 400 aa\n400 800 h#\n');
    await put(join(root, 'TRAIN/DR1/FABC0/SA1.WRD'), '160 400 ah\n');
    await put(join(root, 'TRAIN/DR1/FABC0/SA1.TXT'), '0 800 Ah.\n');
    await put(join(root, 'train/dr1/fabc0/sx2.phn'), '0 80 h#\n80 160 iy\n');
    return root;
  }

  it('counts samples, at the rate that the recording itself has', async () => {
    const root = await timit();
    const recording = recordingOf('TRAIN/DR1/FABC0/SA1.WAV');
    const reader = await openAudio(join(root, recording.path), { sampleRate: 8000 });
    const { sampleRate } = reader.source;
    await reader.close();
    expect(sampleRate).toBe(16_000);
    const read = (rule: LabelRule) => labelsOf(recording, rule, root, sampleRate);
    expect(await read('timit')).toEqual([span(0, 0.01, 'h#'), span(0.01, 0.025, 'aa'), span(0.025, 0.05, 'h#')]);
    expect(await read({ timit: { silences: ['h#'] } })).toEqual([span(0.01, 0.025, 'aa')]);
    expect(await read({ timit: { extension: 'WRD' } })).toEqual([span(0.01, 0.025, 'ah')]);
    expect(await read({ timit: { extension: '.txt' } })).toEqual([span(0, 0.05, 'Ah.')]);
    await expect(labelsOf(recording, 'timit', root)).rejects.toMatchObject({ code: 'ERR_SAMPLE_RATE' });
  });

  it('is found in lower case, and beside recordings that were made WAV files', async () => {
    const root = await timit();
    for (const path of ['train/dr1/fabc0/sx2.wav', 'train/dr1/fabc0/sx2.wav.wav', 'TRAIN/DR1/FABC0/SA1.WAV.wav']) {
      expect((await labelsOf(recordingOf(path), 'timit', root, 8000)).length).toBeGreaterThan(1);
    }
  });
});

describe('RTTM', () => {
  const { text, turns } = GOLDEN.rttm;
  const times = (intervals: readonly Interval[]) => intervals.map(({ startSec, endSec }) => [startSec, endSec]);

  it('of the whole corpus is read once, and says nothing of recordings that it does not name', async () => {
    const root = await temporaryFolder();
    const path = await put(join(root, 'all.rttm'), text);
    const label = await labeller({ rttm: { file: 'all.rttm' } }, root);
    await rm(path);
    const first = await label(recordingOf('day1/call_01.wav'));
    expect(first.sidecar).toBeNull();
    expect(times(first.labels!)).toEqual(times(turns.call_01!));
    expect((await label(recordingOf('x.wav', { id: 'call_02' }))).labels).toHaveLength(1);
    expect((await label(recordingOf('day1/call_03.wav'))).fault).toMatch(
      /all\.rttm must be a file with lines about day1\/call_03\.wav or day1\/call_03 or call_03, got "none"/,
    );
    expect((await label(recordingOf('day2/call_01.wav'))).fault).toMatch(/day1\/call_01\.wav alone/);
    const cut = await label(recordingOf('day1/call_01.wav', { startSec: 2.5, durationSec: 1 }));
    expect(cut.labels).toEqual([span(0, 1, 'bert')]);
    await expect(labeller({ rttm: { file: 'gone.rttm' } }, root)).rejects.toMatchObject({ code: 'ERR_LABELS' });
  });

  it('beside a recording is about it alone, may be empty, and goes by channel', async () => {
    const root = await temporaryFolder();
    await put(join(root, 'call_02.rttm'), text);
    await put(join(root, 'quiet.rttm'), '');
    await put(join(root, 'other.rttm'), text);
    const sides = 'SPEAKER two 1 0 1 <NA> <NA> a <NA>\nSPEAKER two 2 1 1 <NA> <NA> b <NA>\n';
    await put(join(root, 'two.rttm'), sides);
    expect(words(await labelsOf(recordingOf('call_02.wav'), 'rttm', root))).toEqual(['spk-3']);
    expect(await labelsOf(recordingOf('quiet.wav'), 'rttm', root)).toEqual([]);
    await expect(labelsOf(recordingOf('other.wav'), 'rttm', root)).rejects.toThrow(
      /about other.*call_01, call_02 only/,
    );
    expect(words(await labelsOf(recordingOf('two.wav'), 'rttm', root))).toEqual(['a', 'b']);
    expect(words(await labelsOf(recordingOf('two.wav', { channel: 'mean' }), 'rttm', root))).toEqual(['a', 'b']);
    expect(words(await labelsOf(recordingOf('two.wav', { channel: 1 }), 'rttm', root))).toEqual(['b']);
  });
});

describe('a cut', () => {
  const intervals = [span(0, 1, 'a'), span(1, 3, 'b'), span(2, 2, 'p'), span(4, 4, 'q'), span(3.5, 6, 'c')];

  it('has what falls into it, from its start', () => {
    const cut = (startSec: number, durationSec?: number) =>
      clipIntervals(intervals, { startSec, ...(durationSec !== undefined && { durationSec }) });
    expect(clipIntervals(intervals, {})).toEqual(intervals);
    expect(cut(2, 2)).toEqual([span(0, 1, 'b'), span(0, 0, 'p'), span(1.5, 2, 'c')]);
    expect(cut(4)).toEqual([span(0, 0, 'q'), span(0, 2, 'c')]);
    expect(cut(0, 1)).toEqual([span(0, 1, 'a')]);
    expect(cut(1, 0.5)).toEqual([span(0, 0.5, 'b')]);
    expect(cut(7)).toEqual([]);
  });

  it('of a labelled recording; what the manifest says is of the cut already', async () => {
    const root = await temporaryFolder();
    await put(join(root, 'a.txt'), '0.5\t1.5\tx\n3\t4\ty\n');
    const recording = recordingOf('a.wav', { startSec: 1, durationSec: 2.25 });
    expect(await labelsOf(recording, 'audacity', root)).toEqual([span(0, 0.5, 'x'), span(2, 2.25, 'y')]);
    const listed = { ...recording, labels: [span(0, 2, 'z')] };
    expect(await intervalsOf({ ...listed, ...(await labelOf(listed, undefined, root)) }, root)).toEqual(listed.labels);
  });
});

describe('rules', () => {
  it.each<[rule: unknown, code: string, message: RegExp]>([
    ['parent', 'ERR_OPTION', /labels must be one of parent-folder, mimii, dcase, audacity, .* got "parent"/],
    [null, 'ERR_OPTION', /labels must be/],
    [{}, 'ERR_OPTION', /labels must be/],
    [{ column: 'a', textgrid: {} }, 'ERR_OPTION', /labels must be/],
    [{ column: '' }, 'ERR_OPTION', /labels\.column must be a text/],
    [{ textgrid: 'words' }, 'ERR_OPTION', /labels must be/],
    [
      { textgrid: { teir: 'words' } },
      'ERR_UNKNOWN_OPTION',
      /an option of labels\.textgrid must be one of .*tier.* "teir"/,
    ],
    [{ textgrid: { tier: 0 } }, 'ERR_OPTION', /labels\.textgrid\.tier must be a name or a number from 1, got 0/],
    [{ textgrid: { tier: 1.5 } }, 'ERR_OPTION', /number from 1/],
    [{ cgn: { silences: '' } }, 'ERR_OPTION', /labels\.cgn\.silences must be a list of labels/],
    [{ timit: { tier: 1 } }, 'ERR_UNKNOWN_OPTION', /an option of labels\.timit/],
    [{ audacity: { folder: '' } }, 'ERR_OPTION', /labels\.audacity\.folder must be a text/],
    [{ audacity: { extension: 3 } }, 'ERR_OPTION', /labels\.audacity\.extension must be a text, got 3/],
    [{ rttm: { file: 'a', folder: 'b' } }, 'ERR_UNKNOWN_OPTION', /with a file for all recordings must be one of file/],
    [{ textgrid: { file: 'a' } }, 'ERR_UNKNOWN_OPTION', /labels\.textgrid/],
  ])('%j is refused', async (rule, code, message) => {
    const asked = labelOf(recordingOf('a.wav'), rule as LabelRule, '/data');
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('of label files say what shows a change', async () => {
    const root = await temporaryFolder();
    const sidecar = async (rule: LabelRule) => (await labelOf(recordingOf('a.wav'), rule, root)).sidecar;
    expect(await sidecar('audacity')).toEqual({ path: 'a.txt', bytes: 0, mtimeMs: 0, format: { kind: 'audacity' } });
    await put(join(root, 'a.TextGrid'), bytesOf(GOLDEN.grids[0]!));
    const [one, two] = [await sidecar({ textgrid: { tier: 1 } }), await sidecar({ textgrid: { tier: 2 } })];
    expect(one).toMatchObject({ path: 'a.TextGrid', bytes: bytesOf(GOLDEN.grids[0]!).length });
    expect(one!.mtimeMs).toBeGreaterThan(0);
    expect(one).not.toEqual(two);
  });
});
