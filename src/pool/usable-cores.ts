import { availableParallelism } from 'node:os';

/** Threads this process may keep busy: what the scheduler's affinity mask allows. */
export function usableCores(): number {
  return availableParallelism();
}
