/** Progress on stderr: a bar where a person watches, a line now and then where a log does, events where a program does. */
import { Presets, SingleBar } from 'cli-progress';
import { mustBe, ParameterError } from '../errors.js';
import type { Progress } from '../types.js';
import { formatDuration } from './format.js';

export interface ProgressView {
  readonly show: (progress: Progress) => void;
  readonly stop: () => void;
}

export interface ProgressOptions {
  readonly quiet: boolean;
  /** One JSON object a line instead. */
  readonly json?: boolean;
  /** Default stderr. */
  readonly stream?: NodeJS.WriteStream;
  /** `quiet`, `lines`, or `auto`: bars on a terminal. Default: the environment's `COCHLEA_LOG`. */
  readonly log?: string | undefined;
}

/** A log gets a line at most this often while a stage goes on, and where stages follow each other. */
const LINE_EVERY_MS = 10_000;
/** Of stages that take hours. */
const LONG_STAGES: ReadonlySet<string> = new Set(['extract']);
const LONG_LINE_EVERY_MS = 60_000;
const EVENT_EVERY_MS = 1000;
const STAGE_EVERY_MS = 1000;
/** What a bar says itself. */
const OWN_FIGURES = ['etaSec'];
const BAR = '{stage} {bar} {value}/{total} · {eta_formatted} left {figures}';
const LOGS = ['quiet', 'lines', 'auto'];

/** @throws ParameterError `ERR_OPTION` for a `COCHLEA_LOG` that does not exist */
export function progressView(o: ProgressOptions): ProgressView {
  const stream = o.stream ?? process.stderr;
  const log = o.log ?? (process.env.COCHLEA_LOG || 'auto');
  if (!LOGS.includes(log)) throw new ParameterError('ERR_OPTION', mustBe('COCHLEA_LOG', LOGS.join(' | '), log));
  if (o.quiet || log === 'quiet') return { show: () => {}, stop: () => {} };
  if (o.json) return events(stream);
  return stream.isTTY && log === 'auto' ? bars(stream) : lines(stream);
}

function bars(stream: NodeJS.WriteStream): ProgressView {
  let last: Progress | null = null;
  let bar: SingleBar | null = null;
  const stop = () => {
    bar?.stop();
    bar = null;
    last = null;
  };
  const show = (progress: Progress) => {
    const total = progress.total ?? Math.max(1, progress.done);
    const payload = { stage: progress.stage, figures: figuresOf(progress, OWN_FIGURES) };
    if (last !== null && !goesOn(last, progress)) stop();
    last = progress;
    if (bar === null) {
      bar = new SingleBar({ stream, hideCursor: true, format: BAR }, Presets.shades_classic);
      bar.start(total, progress.done, payload);
      return;
    }
    bar.setTotal(total);
    bar.update(progress.done, payload);
  };
  return { show, stop };
}

/** The epochs of one training are stages of one bar. */
function goesOn(last: Progress, next: Progress): boolean {
  return next.stage === last.stage || (next.total === last.total && next.done >= last.done);
}

function lines(stream: NodeJS.WriteStream): ProgressView {
  let stage: string | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastLine = '';
  const show = (progress: Progress) => {
    const { done, total } = progress;
    const goesOn = LONG_STAGES.has(progress.stage) ? LONG_LINE_EVERY_MS : LINE_EVERY_MS;
    const waitMs = progress.stage === stage ? goesOn : STAGE_EVERY_MS;
    const finished = total !== undefined && done >= total;
    if (performance.now() - lastMs < waitMs && !finished) return;
    const count = total === undefined ? `${done}` : `${done}/${total}`;
    const line = `${progress.stage}: ${count} ${figuresOf(progress)}`.trimEnd();
    if (line === lastLine) return;
    stage = progress.stage;
    lastMs = performance.now();
    lastLine = line;
    stream.write(`${line}\n`);
  };
  return { show, stop: () => {} };
}

/** `{"event":"progress","stage":…,"done":…,"total":…,"metrics":{…}}`, at most one a second while a stage goes on. */
function events(stream: NodeJS.WriteStream): ProgressView {
  let stage: string | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;
  const show = (progress: Progress) => {
    const finished = progress.total !== undefined && progress.done >= progress.total;
    if (progress.stage === stage && performance.now() - lastMs < EVENT_EVERY_MS && !finished) return;
    stage = progress.stage;
    lastMs = performance.now();
    stream.write(`${JSON.stringify({ event: 'progress', ...progress })}\n`);
  };
  return { show, stop: () => {} };
}

function figuresOf({ metrics = {} }: Progress, left: readonly string[] = []): string {
  return Object.entries(metrics)
    .filter(([name]) => !left.includes(name))
    .map(([name, value]) =>
      name === 'etaSec' ? `${formatDuration(value)} left` : `${name} ${Number(value.toPrecision(4))}`,
    )
    .join(' · ');
}
