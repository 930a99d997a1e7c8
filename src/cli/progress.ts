/** Progress on stderr: a bar where a person watches, a line now and then where a log does. */
import { type Options, Presets, SingleBar } from 'cli-progress';
import { mustBe, ParameterError } from '../errors.js';
import type { Progress } from '../types.js';

export interface ProgressView {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
}

export interface ProgressOptions {
  readonly quiet: boolean;
  /** Default stderr. */
  readonly stream?: NodeJS.WriteStream;
  /** `quiet`, `lines`, or `auto`: bars on a terminal. Default: the environment's `COCHLEA_LOG`. */
  readonly log?: string | undefined;
}

/** A log gets a line at most this often while a stage goes on. */
const LINE_EVERY_MS = 10_000;
const LOGS = ['quiet', 'lines', 'auto'];

/** @throws ParameterError `ERR_OPTION` for a `COCHLEA_LOG` that does not exist */
export function progressView(o: ProgressOptions): ProgressView {
  const stream = o.stream ?? process.stderr;
  const log = o.log ?? (process.env.COCHLEA_LOG || 'auto');
  if (!LOGS.includes(log)) throw new ParameterError('ERR_OPTION', mustBe('COCHLEA_LOG', LOGS.join(' | '), log));
  if (o.quiet || log === 'quiet') return { show: () => {}, stop: () => {} };
  return stream.isTTY && log === 'auto' ? bars(stream) : lines(stream);
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
    stream.write(`${progress.stage}: ${count} ${figuresOf(progress)}`.trimEnd().concat('\n'));
  };
  return { show, stop: () => {} };
}

function figuresOf({ metrics = {} }: Progress): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(' · ');
}
