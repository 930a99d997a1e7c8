import { Command, Option } from 'commander';
import { formatLabels } from '../../audio/index.js';
import { mustBe, ParameterError } from '../../errors.js';
import { Detector } from '../../inference/index.js';
import type { DetectedEvent } from '../../types.js';
import { action, type CommonOptions, type Context, withCommonOptions } from '../context.js';

interface DetectOptions extends CommonOptions {
  readonly model?: string;
  readonly format: 'jsonl' | 'audacity' | 'csv';
}

export function detectCommand(): Command {
  return withCommonOptions(new Command('detect'))
    .description('prints the events of a recording')
    .argument('<recording>', "file of any format and rate, or - for live 16-bit mono PCM at the spec's rate on stdin")
    .option('-m, --model <bundle>', 'bundle: a folder or an .onnx file')
    .addOption(new Option('--format <format>', 'how to print').choices(['jsonl', 'audacity', 'csv']).default('jsonl'))
    .addHelpText(
      'after',
      '\nPrints one event per line: {"startSec","endSec","label","score"}. --json prints the whole detection instead.\n' +
        '\nExample:\n  cochlea detect kitchen.flac -m runs/beep-sequence/bundle --format audacity > kitchen.txt',
    )
    .action(
      action<DetectOptions>(async ([recording = '-'], { model, format }, context) => {
        if (model === undefined) {
          throw new ParameterError('ERR_OPTION', mustBe('--model', 'a bundle (a folder or an .onnx file)', 'nothing'));
        }
        await using detector = await Detector.load(model);
        if (format === 'csv' && !context.json) context.line('start_sec,end_sec,label,score');
        if (recording === '-') return live(detector, format, context);
        const detection = await detector.detect(recording, context);
        if (context.json) {
          context.print(detection, () => '');
          return;
        }
        for (const event of detection.events) context.line(formatEvent(event, format));
        if (detection.reason !== undefined) process.stderr.write(`cochlea: nothing scored: ${detection.reason}\n`);
        return;
      }),
    );
}

async function live(detector: Detector, format: DetectOptions['format'], context: Context): Promise<undefined> {
  const events = detector.stream();
  const stop = () => events.destroy();
  context.signal.addEventListener('abort', stop, { once: true });
  process.stdin.pipe(events);
  for await (const event of events) context.line(formatEvent(event, format));
  context.signal.removeEventListener('abort', stop);
  return;
}

function formatEvent(event: DetectedEvent, format: DetectOptions['format']): string {
  const { startSec, endSec, label, score } = event;
  if (format === 'audacity') return formatLabels([event]).trimEnd();
  if (format === 'csv') return [startSec, endSec, JSON.stringify(label), score].join(',');
  return JSON.stringify({ startSec, endSec, label, score });
}
