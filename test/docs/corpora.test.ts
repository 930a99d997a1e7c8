/** docs/corpora.md: its manifests are ones, and errors say what the page says they say. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readAudio } from '../../src/audio/index.js';
import { type Corpus, listCorpus } from '../../src/corpus/index.js';
import { put, temporaryFolder, toneWav } from '../corpus/wav.js';
import { readDocument } from './markdown.js';

const SHARD = fileURLToPath(new URL('../corpus/golden/web/shard-000000.tar', import.meta.url));
const document = readDocument('docs/corpora.md');
const flowing = document.replaceAll('\\|', '|');
const block = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(document)![1]!;

describe('manifests of the page', () => {
  it.each(['csv', 'jsonl'])('in %s list the cuts that they seem to', async (extension) => {
    const text = block(extension === 'csv' ? 'csv' : 'json');
    const { recordings } = await listCorpus(await put(join(await temporaryFolder(), `list.${extension}`), text));
    expect(recordings[0]).toMatchObject({
      id: 'kitchen-1',
      path: 'kitchen.flac',
      durationSec: 2.5,
      columns: { label: 'quiet' },
    });
    expect(recordings).toHaveLength(extension === 'csv' ? 2 : 1);
  });
});

describe('errors', () => {
  /** A message of the page, of which `…` may be anything. */
  const said = [...flowing.matchAll(/\| `([^`]+)` \|/g)].map(([, text]) => {
    const parts = text!.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`);
  });

  const cases: [string, (folder: string) => Corpus | Promise<Corpus>][] = [
    ['nothing is found', (folder) => folder],
    ['an id comes twice', (folder) => put(join(folder, 'list.csv'), 'id,path\na,x.wav\na,y.wav\n')],
    ['one file twice', (folder) => put(join(folder, 'list.csv'), 'id,path\na,x.wav\nb,x.wav\n')],
    ['what cannot be', (folder) => put(join(folder, 'list.csv'), 'path,start_sec\nx.wav,-1\n')],
    ['a command', (folder) => put(join(folder, 'wav.scp'), 'a sph2pipe a.sph |\n')],
    ['a packed archive', (folder) => put(join(folder, 's.tar.gz'), 'x')],
    ['a missing archive', (folder) => join(folder, 's-{0..1}.tar')],
    ['a short archive', async (folder) => put(join(folder, 's.tar'), (await readFile(SHARD)).subarray(0, 7268))],
  ];
  it.each(cases)('of a corpus are on it: %s', async (_, make) => {
    const folder = await temporaryFolder();
    const error: unknown = await listCorpus(await make(folder)).catch((thrown: unknown) => thrown);
    const message = (error as Error).message.replaceAll(folder, '…').replaceAll('…/list.csv', 'list.csv');
    expect(said.filter((pattern) => pattern.test(message)).length, message).toBeGreaterThan(0);
  });

  it('of recordings are on it', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'x.wav'));
    const clip = await put(join(folder, 'a.wav'), toneWav(8000));
    const reasons = [
      readAudio(join(folder, 'gone.wav')),
      readAudio(join(folder, 'x.wav')),
      readAudio(join(folder, 'caf\udce9.wav')),
      readAudio(clip, { startSec: 1.5 }),
    ].map((reading) =>
      reading.catch((error: unknown) =>
        (error as Error).message.replace(folder, '…').replace(/…\/[agx][a-z]*\.wav/, '…'),
      ),
    );
    for (const reason of await Promise.all(reasons)) expect(document).toContain(`| \`${String(reason)}\` |`);
  });
});
