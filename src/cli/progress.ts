/** Progress on stderr: a bar where a person watches, a line now and then where a log does. */
import { type Options, Presets, SingleBar } from 'cli-progress';
import type { Progress } from '../types.js';

export interface ProgressView {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
}

/** A log gets a line at most this often while a stage goes on. */
const LINE_EVERY_MS = 10_000;

export function progressView(o: { readonly quiet: boolean; readonly stream?: NodeJS.WriteStream }): ProgressView {
  const stream = o.stream ?? process.stderr;
  if (o.quiet) return { show: () => {}, stop: () => {} };
  return stream.isTTY ? bars(stream) : lines(stream);
}

function bars(stream: NodeJS.WriteStream): ProgressView {
  let stage: string | null = null;
  let bar: SingleBar | null = null;
  const stop = () => {
    bar?.stop();
    bar = null;
    stage = null;
  };
  const show = (progress: Progress) => {
    const total = progress.total ?? Math.max(1, progress.done);
    if (progress.stage !== stage) {
      stop();
      stage = progress.stage;
      bar = new SingleBar(barOptions(stream, progress), Presets.shades_classic);
      bar.start(total, progress.done, { figures: figuresOf(progress) });
    }
    bar?.setTotal(total);
    bar?.update(progress.done, { figures: figuresOf(progress) });
  };
  return { show, stop };
}

function barOptions(stream: NodeJS.WriteStream, { stage }: Progress): Options {
  return { stream, hideCursor: true, format: `${stage} {bar} {value}/{total} · {eta_formatted} left {figures}` };
}

function lines(stream: NodeJS.WriteStream): ProgressView {
  let stage: string | null = null;
  let next = 0;
  const show = (progress: Progress) => {
    const now = performance.now();
    const finished = progress.total !== undefined && progress.done >= progress.total;
    if (progress.stage === stage && now < next && !finished) return;
    stage = progress.stage;
    next = now + LINE_EVERY_MS;
    const count = progress.total === undefined ? `${progress.done}` : `${progress.done}/${progress.total}`;
    stream.write(`${progress.stage}: ${count} ${figuresOf(progress)}\n`);
  };
  return { show, stop: () => {} };
}

function figuresOf({ metrics = {} }: Progress): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(' · ');
}
