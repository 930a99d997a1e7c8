import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import type { Detection, Detector } from '../../inference/index.js';
import type { DetectedEvent } from '../../types.js';
import { refuseBeside, required } from '../arguments.js';
import { action, type CommonOptions, type Context, withCommonOptions } from '../context.js';

const FORMATS = ['jsonl', 'audacity', 'csv'] as const;

interface DetectOptions extends CommonOptions {
  readonly model?: string;
  readonly format: (typeof FORMATS)[number];
}

const HELP = `
Prints one event per line, as {"startSec","endSec","label","score"} unless --format says otherwise; --json prints the
whole detection instead. With - each event is printed as soon as it is over. One .onnx of a bundle is served by its own
spec: the stages up to its own, with the models before it taken from the same folder.

Examples:
  cochlea detect kitchen.flac -m runs/beep-sequence/bundle --format audacity > kitchen.txt
  arecord -f S16_LE -r 16000 -c 1 | cochlea detect - -m runs/beep-sequence/bundle`;

export function detectCommand(): Command {
  return withCommonOptions(new Command('detect'))
    .description('prints the events of a recording')
    .argument('<recording>', "file of any format and rate, or - for live 16-bit mono PCM at the spec's rate on stdin")
    .option('-m, --model <bundle>', 'bundle: a folder, or an .onnx file of one')
    .addOption(new Option('--format <format>', 'how to print events').choices(FORMATS).default('jsonl'))
    .addHelpText('after', HELP)
    .action(
      action<DetectOptions>(async ([recording = '-'], { model, format }, context, command) => {
        refuseBeside(command, 'format', 'json');
        const { signal, onProgress } = context;
        const bundle = required(model, '--model', 'a bundle (a folder or an .onnx file)');
        const { Detector } = await import('../../inference/index.js');
        await using detector = await Detector.load(bundle);
        const print = await printer(format, context);
        if (recording === '-') {
          const events = await live(detector, print, context);
          if (context.json) context.print({ events, spec: detector.spec.hash }, () => '');
          return;
        }
        const detection = await detector.detect(recording, { signal, onProgress });
        for (const event of detection.events) print(event);
        if (context.json) context.print(detection, () => '');
        if (detector.spec.decision === null && !context.json) context.note(withoutDecision(detection));
        if (detection.reason !== undefined) context.note(`cochlea: nothing scored: ${detection.reason}`);
        return;
      }),
    );
}

function withoutDecision({ score }: Detection): string {
  const told = score === null ? '' : `; the whole recording scores ${Number(score.toPrecision(4))}`;
  return `cochlea: no events, as the bundle's spec has no decision (a threshold)${told}`;
}

type PrintEvent = (event: DetectedEvent) => void;

/** Prints events as they come, unless all of them are printed as one JSON value in the end. */
async function printer(format: DetectOptions['format'], { json, line }: Context): Promise<PrintEvent> {
  if (json) return () => {};
  if (format === 'audacity') {
    const { formatLabels } = await import('../../audio/index.js');
    return (event) => line(formatLabels([event]).trimEnd());
  }
  if (format === 'csv') {
    line('start_sec,end_sec,label,score');
    return ({ startSec, endSec, label, score }) => line([startSec, endSec, csvCell(label), score].join(','));
  }
  return ({ startSec, endSec, label, score }) => line(JSON.stringify({ startSec, endSec, label, score }));
}

/** Quoted where a comma, quote or line break asks for it (RFC 4180). */
function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function live(detector: Detector, print: PrintEvent, { signal }: Context): Promise<DetectedEvent[]> {
  const all: DetectedEvent[] = [];
  const events = detector.stream({ signal });
  const printAll = async () => {
    for await (const event of events) {
      all.push(event);
      print(event);
    }
  };
  await Promise.all([pipeline(process.stdin, events), printAll()]);
  return all;
}
