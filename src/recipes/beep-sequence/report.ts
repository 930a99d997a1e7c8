/** A run as one page that needs nothing else: what it heard, how well, and how that came about. */
import { formatClock, writeReport } from '../../report/index.js';
import { examples } from './report-examples.js';
import { sequenceJudged, toneJudged } from './report-judging.js';
import { listening } from './report-listening.js';
import { parity } from './report-parity.js';
import { dataSources, labelling, timeAndMachine, training } from './report-setting.js';
import { summary } from './report-summary.js';
import type { BeepSequenceReport, RunParts } from './results.js';

/**
 * Writes `report.html`. The bundle is loaded once more, for the scores between recording and alert.
 *
 * @param path of the file; its folder exists
 * @param parts of the finished run, its bundle on disk
 * @param report its figures, as `makeReport` gives them
 * @throws what `Detector.load` and `Detector.scores` throw
 */
export async function writeBeepReport(path: string, parts: RunParts, report: BeepSequenceReport): Promise<void> {
  const { corpus } = report;
  const { picture, timelines } = await listening(parts.bundle, parts.heldOut, report);
  const thresholds = { threshold: report.test.threshold, toneThreshold: report.tone.all.threshold };
  await writeReport(path, {
    title: 'Beep sequence: hearing an appliance call',
    subtitle: `${corpus.recordings} recordings, ${formatClock(corpus.audioSec)} · corpus "${corpus.size}" · seed ${report.seed}`,
    summary: summary(report),
    sections: [
      { title: 'What it heard', blocks: picture },
      { title: 'Held-out recordings', blocks: timelines },
      { title: 'The sequence model', blocks: await sequenceJudged(parts.test, report) },
      { title: 'The tone model', blocks: await toneJudged(report) },
      { title: 'Examples', blocks: await examples(parts.data.test, parts.test, thresholds) },
      { title: 'Training', blocks: await training(parts, report) },
      { title: "The seed document's protocol", blocks: parity(report) },
      { title: 'How things are labelled', blocks: labelling() },
      { title: 'Data sources and licences', blocks: dataSources(report) },
      { title: 'Time and machine', blocks: timeAndMachine(parts, report) },
    ],
  });
}
