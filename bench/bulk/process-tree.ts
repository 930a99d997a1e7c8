/** What a process and all that it starts use, looked up every few milliseconds in /proc. */
import { readdirSync, readFileSync } from 'node:fs';

const INTERVAL_MS = 25;
const BYTES_PER_KB = 1024;
/** Linux counts processor time for user space in hundredths of a second, whatever the kernel's own clock. */
const TICKS_PER_SEC = 100;

export interface TreeUse {
  /**
   * The largest resident memory of each process, added up: never less than what all of them had at once. Null where the
   * system has no /proc.
   */
  readonly peakBytes: number | null;
  readonly cpuSec: number;
}

interface Use {
  readonly peakBytes: number;
  readonly cpuSec: number;
}

/** Watches from now on; `stop` once the process has ended. */
export class ProcessTree {
  readonly #seen = new Map<number, Use>();
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    const look = () => {
      for (const each of descendants(pid)) {
        const use = useOf(each);
        if (use !== null) this.#seen.set(each, use);
      }
    };
    look();
    this.#timer = setInterval(look, INTERVAL_MS);
  }

  stop(): TreeUse {
    clearInterval(this.#timer);
    const all = [...this.#seen.values()];
    return {
      peakBytes: all.length === 0 ? null : all.reduce((sum, { peakBytes }) => sum + peakBytes, 0),
      cpuSec: all.reduce((sum, { cpuSec }) => sum + cpuSec, 0),
    };
  }
}

/** A process may end while it is looked at: then it has no children, and no use that could be read. */
function descendants(pid: number): number[] {
  const threads = readOrNull(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const children = threads.flatMap((thread) => {
    const list = readOrNull(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')) ?? '';
    return list.split(' ').filter(Boolean).map(Number);
  });
  return [pid, ...children.flatMap(descendants)];
}

function useOf(pid: number): Use | null {
  const status = readOrNull(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  const stat = readOrNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const peak = /^VmHWM:\s*(\d+) kB$/m.exec(status ?? '')?.[1];
  if (peak === undefined || stat === null) return null;
  // After the name, which may hold anything: state is field 3, utime and stime are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { peakBytes: Number(peak) * BYTES_PER_KB, cpuSec: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC };
}

const GONE = ['ENOENT', 'ESRCH', 'EINVAL', 'EACCES'];

function readOrNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && GONE.includes(String(error.code))) return null;
    throw error;
  }
}
